package io.leanspike.cli;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.leanspike.model.Safetensors;
import io.leanspike.model.SafetensorsWriter;
import io.leanspike.model.StoredTensor;
import io.leanspike.tensor.ElementType;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ForwardCommandTest {
    @TempDir
    Path folder;

    @ParameterizedTest
    @ValueSource(strings = {"if_odd_sizes", "if_pair", "if_wide", "lif_leaky"})
    void goldenCaseComesOutAsExpected(String name) {
        Path golden = SharedFolder.of("golden").resolve(name);
        Path out = folder.resolve("out.safetensors");
        Invocation.of("forward", "--model", golden, "--inputs", golden.resolve("inputs.safetensors"), "--out", out,
                "--backend", "reference", "--record-spikes").fine();
        try (Safetensors expected = Safetensors.open(golden.resolve("expected.safetensors")); Safetensors actual = Safetensors.open(out)) {
            assertEquals(new HashSet<>(expected.names()), new HashSet<>(actual.names()));
            for (String tensor : expected.names()) {
                assertSame(expected.tensor(tensor), actual.tensor(tensor));
            }
        }
    }

    private static void assertSame(StoredTensor expected, StoredTensor actual) {
        assertEquals(expected.shape(), actual.shape(), expected.name());
        assertEquals(expected.type(), actual.type(), expected.name());
        if (!expected.name().equals("logits")) {
            assertEquals(-1, expected.data().mismatch(actual.data()), expected.name());
            return;
        }
        for (long i = 0; i < expected.elements(); i++) {
            assertEquals(expected.data().get(ValueLayout.JAVA_DOUBLE_UNALIGNED, i * Double.BYTES),
                    actual.data().get(ValueLayout.JAVA_DOUBLE_UNALIGNED, i * Double.BYTES), 1e-9, "logit " + i);
        }
    }

    @Test
    void spikesAreLeftOutUnlessAskedFor() {
        Path out = folder.resolve("out.safetensors");
        Invocation.of("forward", "--inputs", inputs(101, 2204, 102), "--out", out, "--timesteps", 2).fine();
        try (Safetensors written = Safetensors.open(out)) {
            assertEquals(26, written.names().size(), "logits and the counts of 25 populations");
            assertEquals(List.of(1L, 3L, 384L), written.tensor("counts.layer.1.intermediate").shape());
            assertFalse(written.names().stream().anyMatch(name -> name.startsWith("spikes.")));
        }
    }

    @Test
    void equilibriumGivesRates() {
        Path out = folder.resolve("out.safetensors");
        Invocation.of("forward", "--inputs", inputs(101, 2204, 102), "--out", out, "--mode", "equilibrium").fine();
        try (Safetensors written = Safetensors.open(out)) {
            Set<String> names = written.names();
            assertEquals(26, names.size(), "logits and the rates of 25 populations");
            assertTrue(names.stream().allMatch(name -> name.equals("logits") || name.startsWith("rates.")), names::toString);
            StoredTensor rates = written.tensor("rates.embedding");
            for (long i = 0; i < rates.elements(); i++) {
                double rate = rates.data().get(ValueLayout.JAVA_DOUBLE_UNALIGNED, i * Double.BYTES);
                assertTrue(rate >= 0 && rate <= 1, "rate " + rate);
            }
        }
    }

    @Test
    void idsBeyondTheVocabularyAreRefused() throws Exception {
        Path out = folder.resolve("out.safetensors");
        Path ids = inputs(101, 30522, 102);
        Invocation.of("forward", "--inputs", ids, "--out", out).refused("in.safetensors", "input_ids", "30522");
        Files.writeString(ids, "not safetensors");
        Invocation.of("forward", "--inputs", ids, "--out", out).refused("in.safetensors");
        assertFalse(Files.exists(out));
    }

    @Test
    void whatIsThereIsReplacedOnlyWithForce() throws Exception {
        Path file = inputs(101, 2204, 102);
        byte[] ids = Files.readAllBytes(file);
        Invocation.of("forward", "--inputs", file, "--out", file, "--timesteps", 1).refused("in.safetensors exists", "--force");
        assertArrayEquals(ids, Files.readAllBytes(file));
        Path out = Files.writeString(folder.resolve("out.safetensors"), "old");
        Invocation.of("forward", "--inputs", file, "--out", out, "--timesteps", 1, "--force").fine();
        Safetensors.open(out).close();
    }

    private Path inputs(long... ids) {
        Path file = folder.resolve("in.safetensors");
        long[] ones = new long[ids.length];
        Arrays.fill(ones, 1);
        SafetensorsWriter.write(file, List.of(tensor("input_ids", ids), tensor("token_type_ids", new long[ids.length]),
                tensor("attention_mask", ones)), Map.of());
        return file;
    }

    private static StoredTensor tensor(String name, long[] values) {
        MemorySegment bytes = MemorySegment.ofArray(new byte[values.length * Long.BYTES]);
        for (int i = 0; i < values.length; i++) {
            bytes.set(ValueLayout.JAVA_LONG_UNALIGNED, (long) i * Long.BYTES, values[i]);
        }
        return new StoredTensor(name, ElementType.I64, List.of(1L, (long) values.length), bytes);
    }
}
