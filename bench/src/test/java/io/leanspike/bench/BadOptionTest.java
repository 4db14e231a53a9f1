package io.leanspike.bench;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** An option that means nothing is a user's mistake, found before anything is measured. */
class BadOptionTest {
    private final ByteArrayOutputStream printed = new ByteArrayOutputStream();

    private void refused(String line) {
        assertEquals(2, Main.run(new PrintStream(printed, true, StandardCharsets.UTF_8), line.split(" ")), line);
        assertEquals("", printed.toString(StandardCharsets.UTF_8));
    }

    @ParameterizedTest
    @ValueSource(strings = {"side-by-side --no-text --threads 0", "side-by-side --no-text --rounds 0", "side-by-side --no-text --warm-ups -1",
        "side-by-side --no-text --sequences 0", "side-by-side --no-text --length 0", "side-by-side --no-text --roof-size 0",
        "forward --threads 0", "forward --rounds 0", "forward --layers 0", "forward --sequences 0", "forward --length 0",
        "tune --rounds 0 --out costs.json", "kernels --timesteps 0", "gpu --samples 0", "peers --threads 0", "peers --warm-ups -1",
        "ablation --task SST-2 --data . --model . --threads 0",
        "compression --task SST-2 --data . --teacher . --model a=. --rounds 0"})
    void numbersThatAreNone(String line) {
        refused(line);
    }

    @Test
    void linesThatCannotBeWritten(@TempDir Path folder) throws Exception {
        Path file = Files.createFile(folder.resolve("file"));
        for (Path json : new Path[] {folder, file.resolve("lines.jsonl")}) {
            for (String line : new String[] {"side-by-side --no-text", "forward", "kernels", "peers",
                "ablation --task SST-2 --data . --model .", "compression --task SST-2 --data . --teacher . --model a=."}) {
                refused(line + " --json " + json);
            }
        }
        refused("tune --force --out " + folder);
    }
}
