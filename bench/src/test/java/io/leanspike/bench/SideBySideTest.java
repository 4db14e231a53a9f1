package io.leanspike.bench;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The side-by-side run prints and records every comparison. */
class SideBySideTest {
    private final ByteArrayOutputStream printed = new ByteArrayOutputStream();

    private int run(String... arguments) {
        List<String> line = new ArrayList<>(List.of("side-by-side"));
        line.addAll(List.of(arguments));
        return Main.run(new PrintStream(printed, true, StandardCharsets.UTF_8), line.toArray(String[]::new));
    }

    @Test
    void tableAndJsonLinesHaveEveryComparison(@TempDir Path directory) throws Exception {
        Sst2 sst2 = TinySst2.write(directory);
        Path json = directory.resolve("results").resolve("run.jsonl");
        int code = run("--threads", "2", "--timesteps", "2", "--shapes", "sst2_tiny", "--projections", "key,output", "--weights", "f32,binary", "--sequences", "1",
                "--length", "2", "--model", sst2.model().toString(), "--data", sst2.data().toString(), "--warm-ups", "0",
                "--rounds", "2", "--sample-seconds", "0", "--roof-size", "64", "--json", json.toString());
        String text = printed.toString(StandardCharsets.UTF_8);
        assertEquals(0, code, text);
        int comparisons = 1 + 2 * 2 * Density.values().length;
        assertEquals(comparisons, text.lines().filter(line -> line.startsWith("| ") && !line.startsWith("| subject")).count(), text);
        List<String> lines = Files.readAllLines(json);
        assertEquals(comparisons, lines.size());
        for (String line : lines) {
            JsonObject row = JsonParser.parseString(line).getAsJsonObject();
            double ratio = row.getAsJsonObject("ratio").get("median").getAsDouble();
            assertTrue(ratio > 0, line);
        }
    }

    @Test
    void absentModelIsTheUsersMistake() {
        assertEquals(2, run("--model", "no-such-folder"));
    }

    @Test
    void withoutAnyTextTheProductsAreMeasuredAlone(@TempDir Path empty) {
        String before = System.setProperty(Sst2.SHARED, empty.toString());
        try {
            int code = run("--threads", "1", "--timesteps", "1", "--shapes", "sst2_tiny", "--projections", "key", "--weights", "binary",
                    "--sequences", "1", "--length", "2", "--warm-ups", "0", "--rounds", "1", "--sample-seconds", "0", "--roof-size", "64");
            String text = printed.toString(StandardCharsets.UTF_8);
            assertEquals(0, code, text);
            assertTrue(text.contains("Random spikes only: SST-2 has no model here"), text);
            assertEquals(Density.values().length, text.lines().filter(line -> line.startsWith("| ") && !line.startsWith("| subject")).count(), text);
        } finally {
            if (before == null) {
                System.clearProperty(Sst2.SHARED);
            } else {
                System.setProperty(Sst2.SHARED, before);
            }
        }
    }

    @Test
    void spreadIsMedianAndQuartiles() {
        assertEquals(new Spread(3, 2, 4), Spread.of(5, 1, 4, 2, 3));
        assertEquals(new Spread(1.5, 1.25, 1.75), Spread.of(2, 1));
    }
}
