package io.leanspike.cli;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What commands that write a model do with what is there. */
class ModelTargetTest {
    @TempDir
    Path folder;

    private Path model;

    @BeforeEach
    void copy() {
        model = BrokenModel.copy(folder.resolve("model")).folder();
    }

    private Invocation run(String command, Path out, String... more) {
        List<String> arguments = List.of(("compress " + command + " --model " + model + " --out " + out).split(" "));
        return Invocation.of(Stream.concat(arguments.stream(), Stream.of(more)).toArray());
    }

    @ParameterizedTest
    @ValueSource(strings = {"prune --neurons 0.5", "quantize --weights 1.58", "quantize --weights 1 --correct bias --limit 2",
        "schedule --start 2 --budget 100 --limit 2"})
    void aModelIsReplacedOnlyByForce(String command) throws IOException {
        Path made = folder.resolve("made");
        run(command, made).fine();
        Path there = BrokenModel.copy(folder.resolve("there")).folder();
        byte[] before = Files.readAllBytes(there.resolve("model.safetensors"));
        run(command, there).refused("exists and is not empty");
        assertArrayEquals(before, Files.readAllBytes(there.resolve("model.safetensors")));
        run(command, there, "--force").fine();
        assertEquals(-1, Files.mismatch(made.resolve("model.safetensors"), there.resolve("model.safetensors")));
        assertEquals(-1, Files.mismatch(made.resolve("config.json"), there.resolve("config.json")));
    }

    @Test
    void whatIsNoModelIsNeverReplaced() throws IOException {
        Path precious = Files.createDirectory(folder.resolve("precious"));
        Files.writeString(precious.resolve("thesis.tex"), "keep");
        run("prune --neurons 0.5", precious, "--force").refused("not a model folder");
        assertEquals("keep", Files.readString(precious.resolve("thesis.tex")));
    }
}
