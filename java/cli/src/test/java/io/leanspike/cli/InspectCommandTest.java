package io.leanspike.cli;

import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class InspectCommandTest {
    @TempDir
    Path folder;

    @Test
    void everyMatrixIsShownWithItsBits() {
        Path model = BrokenModel.copy(folder.resolve("model")).folder();
        String said = Invocation.of("compress", "inspect", "--model", model).fine().out();
        assertTrue(said.contains("layer 1: T = 16, heads 2x64, 512 neurons"), said);
        assertTrue(said.matches("(?s).*\nword_embeddings +30522x128 +8 .*"), said);
        assertTrue(said.matches("(?s).*\nlayer\\.1\\.output +128x512 +32 .*"), said);
    }

    @Test
    void whatDiffersIsMarked() {
        Path model = BrokenModel.copy(folder.resolve("model")).folder();
        Path out = folder.resolve("out");
        Invocation.of("compress", "prune", "--model", model, "--out", out, "--neurons", 0.5).fine();
        String said = Invocation.of("compress", "diff", model, out).fine().out();
        for (String line : said.lines().toList()) {
            boolean differs = line.contains(".intermediate") || line.contains(".output ") || line.startsWith("bytes on disk");
            assertTrue(line.endsWith("*") == differs, line);
        }
        assertTrue(said.contains("256x128"), said);
    }

    @Test
    void aFolderWithoutAModelIsRefused() {
        Invocation.of("compress", "inspect", "--model", folder.resolve("no")).refused("does not exist");
        Invocation.of("compress", "diff", folder).refused("DIR2");
    }
}
