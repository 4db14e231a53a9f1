package io.leanspike.text;

import static org.junit.jupiter.api.Assertions.assertTrue;

import io.leanspike.error.InvalidInputException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class GlueReaderFuzzTest {
    private static final int ROUNDS = 300;
    private static final byte[] TELLING = {
        '\t', '\n', '\r', '"', 0, ' ', '-', '0', (byte) 0xFF, (byte) 0xC3, (byte) 0xED, (byte) 0xEF
    };

    @TempDir
    Path directory;

    @ParameterizedTest
    @EnumSource
    void randomBytesAreReadOrRefused(GlueTask task) throws IOException {
        for (int seed = 0; seed < ROUNDS; seed++) {
            Random random = new Random(seed);
            byte[] bytes = new byte[random.nextInt(400)];
            random.nextBytes(bytes);
            readsOrRefuses(task, bytes, seed);
        }
    }

    @ParameterizedTest
    @EnumSource
    void mutationsOfValidFilesAreReadOrRefused(GlueTask task) throws IOException {
        byte[] valid = valid(task);
        for (int seed = 0; seed < ROUNDS; seed++) {
            Random random = new Random(seed);
            byte[] bytes = valid;
            for (int n = random.nextInt(3); n >= 0; n--) {
                bytes = mutated(bytes, random);
            }
            readsOrRefuses(task, bytes, seed);
        }
    }

    private void readsOrRefuses(GlueTask task, byte[] bytes, int seed) throws IOException {
        Path file = Files.write(directory.resolve("fuzz.tsv"), bytes);
        try {
            for (GlueExample example : GlueReader.read(task, file)) {
                assertTrue(!example.input().text().isBlank() && example.gold() >= 0, task + ", seed " + seed);
            }
        } catch (InvalidInputException refused) {
            assertTrue(refused.getMessage().startsWith(file.toString()), task + ", seed " + seed + ": " + refused.getMessage());
        } catch (RuntimeException e) {
            throw new AssertionError(task + ", seed " + seed, e);
        }
    }

    private static byte[] mutated(byte[] bytes, Random random) {
        if (bytes.length == 0) {
            return bytes;
        }
        int at = random.nextInt(bytes.length);
        return switch (random.nextInt(4)) {
            case 0 -> Arrays.copyOf(bytes, at);
            case 1 -> {
                byte[] changed = bytes.clone();
                changed[at] = TELLING[random.nextInt(TELLING.length)];
                yield changed;
            }
            case 2 -> joined(Arrays.copyOf(bytes, at), Arrays.copyOfRange(bytes, Math.min(bytes.length, at + 5), bytes.length));
            default -> joined(bytes, Arrays.copyOfRange(bytes, at, bytes.length));
        };
    }

    private static byte[] joined(byte[] first, byte[] second) {
        byte[] both = Arrays.copyOf(first, first.length + second.length);
        System.arraycopy(second, 0, both, first.length, second.length);
        return both;
    }

    private static byte[] valid(GlueTask task) {
        StringBuilder text = new StringBuilder("index\t" + task.textColumn());
        task.pairColumn().ifPresent(column -> text.append('\t').append(column));
        text.append('\t').append(task.labelColumn()).append('\n');
        for (int row = 0; row < 6; row++) {
            text.append(row).append("\tIt 's a caf\u00E9 .");
            task.pairColumn().ifPresent(column -> text.append("\t\u4E2D \uD83D\uDE00 !"));
            String label = task.isRegression() ? "3.800" : task.fileLabels().get(row % task.labels().size());
            text.append('\t').append(label).append('\n');
        }
        return text.toString().getBytes(StandardCharsets.UTF_8);
    }
}
