package io.leanspike.model;

import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assertions.fail;

import io.leanspike.error.InvalidInputException;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Whatever a file holds, opening it gives a file whose every byte can be read, or an error for the user; nothing else. */
class SafetensorsFuzzTest {
    private static final int CASES = 4_000;
    private static final String HEADER = """
            {"__metadata__":{"format":"pt"},\
            "a":{"dtype":"F32","shape":[2,3],"data_offsets":[0,24]},\
            "b.c":{"dtype":"I8","shape":[5],"data_offsets":[24,29]},\
            "d":{"dtype":"F16","shape":[0,4],"data_offsets":[29,29]},\
            "e":{"dtype":"U8","shape":[],"data_offsets":[29,30]}}""";
    private static final int DATA_BYTES = 30;
    private static final String[] FRAGMENTS = {
        "{", "}", "[", "]", ",", ":", "\"", "-", "0", "9", "1e9", "-1", "99999999999999999999", "null", "true", "NaN", "\\", "\\u0000",
        "\"a\":", "{}", "[]", " ", "\n", "\u0000", "\ud83d\ude00", "U8", "F64", "BF16", "shape", "dtype", "data_offsets",
        "__metadata__", "[0,0]", "[9223372036854775807]", "\"dtype\":\"I64\",", "//"
    };

    @TempDir
    private Path folder;

    @Test
    void anyBytesGiveAReadableFileOrAnInvalidInputException() {
        byte[] valid = SafetensorsBytes.of(HEADER, DATA_BYTES);
        int opened = 0;
        for (int seed = 0; seed < CASES; seed++) {
            byte[] bytes = mutate(valid, new Random(seed));
            Path file = SafetensorsBytes.write(folder.resolve("fuzzed.safetensors"), bytes);
            try (Safetensors tensors = Safetensors.open(file)) {
                readAll(tensors);
                opened++;
            } catch (InvalidInputException e) {
                String message = e.getMessage();
                int seen = seed;
                assertTrue(message.startsWith(file.toString()), () -> "seed " + seen + ": the file is not named in: " + message);
            } catch (Throwable e) {
                fail("seed " + seed + ": " + e, e);
            }
        }
        // Flipped data bits and added blanks leave a file valid: a mutation that always breaks it would test only one check.
        assertTrue(opened > 0 && opened < CASES, opened + " of " + CASES + " mutated files opened");
    }

    private static byte[] mutate(byte[] valid, Random random) {
        return switch (random.nextInt(6)) {
            case 0 -> flipBits(valid, random);
            case 1 -> Arrays.copyOf(valid, random.nextInt(valid.length + 16));
            case 2 -> editHeader(random, true);
            case 3 -> editHeader(random, false);
            case 4 -> changeLength(valid, random);
            default -> randomBytes(random);
        };
    }

    private static byte[] flipBits(byte[] valid, Random random) {
        byte[] bytes = valid.clone();
        for (int flips = 1 + random.nextInt(4); flips > 0; flips--) {
            bytes[random.nextInt(bytes.length)] ^= (byte) (1 << random.nextInt(8));
        }
        return bytes;
    }

    private static byte[] editHeader(Random random, boolean replace) {
        StringBuilder header = new StringBuilder(HEADER);
        for (int edits = 1 + random.nextInt(3); edits > 0; edits--) {
            int begin = random.nextInt(header.length());
            int end = replace ? Math.min(header.length(), begin + 1 + random.nextInt(12)) : begin;
            header.replace(begin, end, FRAGMENTS[random.nextInt(FRAGMENTS.length)]);
        }
        return SafetensorsBytes.of(header.toString(), DATA_BYTES);
    }

    private static byte[] changeLength(byte[] valid, Random random) {
        byte[] bytes = valid.clone();
        long length = random.nextBoolean() ? random.nextLong() : HEADER.length() + random.nextInt(65) - 32;
        ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN).putLong(length);
        return bytes;
    }

    private static byte[] randomBytes(Random random) {
        byte[] header = new byte[random.nextInt(64)];
        random.nextBytes(header);
        if (random.nextBoolean()) {
            header = ("{" + new String(header, StandardCharsets.ISO_8859_1)).getBytes(StandardCharsets.UTF_8);
        }
        return SafetensorsBytes.of(header.length, header, random.nextInt(8));
    }

    private static void readAll(Safetensors tensors) {
        for (String name : tensors.names()) {
            StoredTensor tensor = tensors.tensor(name);
            for (long i = 0; i < tensor.data().byteSize(); i++) {
                tensor.data().get(ValueLayout.JAVA_BYTE, i);
            }
        }
    }
}
