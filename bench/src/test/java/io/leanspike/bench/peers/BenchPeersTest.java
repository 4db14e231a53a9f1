package io.leanspike.bench.peers;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import io.leanspike.backend.WeightKind;
import io.leanspike.bench.Main;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The run prints and records every comparison, and the history page has them. Nothing here is timed for its value. */
class BenchPeersTest {
    private final ByteArrayOutputStream printed = new ByteArrayOutputStream();

    private int run(String... arguments) {
        return Main.run(new PrintStream(printed, true, StandardCharsets.UTF_8), arguments);
    }

    private int peers(String... more) {
        List<String> line = new ArrayList<>(List.of("peers", "--models", "shipped", "--warm-ups", "0", "--rounds", "1", "--sample-seconds", "0",
                "--roof-size", "64", "--no-memory", "--starts", "0", "--threads", "1"));
        line.addAll(List.of(more));
        return run(line.toArray(String[]::new));
    }

    private String text() {
        return printed.toString(StandardCharsets.UTF_8);
    }

    @Test
    void everyComparisonIsPrintedRecordedAndOnTheHistoryPage(@TempDir Path folder) throws Exception {
        Path json = folder.resolve("peers.jsonl");
        assertEquals(0, peers("--timesteps", "1,2", "--sequences", "1,2", "--lengths", "8", "--json", json.toString()), text());
        assertEquals(4, text().lines().filter(line -> line.matches("\\| shipped \\w+ \\| own text.*")).count(), text());
        List<JsonObject> lines = Files.readAllLines(json).stream().map(line -> JsonParser.parseString(line).getAsJsonObject()).toList();
        assertEquals(List.of("roofs", "forward", "forward", "forward", "forward"), lines.stream().map(line -> line.get("what").getAsString()).toList());
        JsonObject forward = lines.getLast().getAsJsonObject("forward");
        for (Entrant peer : List.of(Entrant.TORCH_LOOP, Entrant.TORCH_FOLDED, Entrant.TORCH_FOLDED_ONEDNN, Entrant.ONNX_FLOAT32, Entrant.ENGINE_1_THREAD)) {
            assertTrue(forward.getAsJsonObject("ratio").getAsJsonObject(peer.key()).get("median").getAsDouble() > 0, peer.key());
        }

        assertEquals(0, run("history", json.toString()), text());
        String page = Files.readString(folder.resolve("peers.md"));
        assertEquals(4, page.lines().filter(line -> line.matches("\\| shipped \\w+ \\| own text.*")).count(), page);
        assertTrue(page.contains("openblas sgemm"), page);
        try (var files = Files.list(folder)) {
            List<Path> plots = files.filter(file -> file.toString().endsWith(".svg")).toList();
            assertEquals(2, plots.size(), plots.toString());
            for (Path plot : plots) {
                assertTrue(page.contains("(" + plot.getFileName() + ")"), page);
                assertTrue(Files.readString(plot).endsWith("</svg>\n"));
            }
        }
    }

    @Test
    void largeForwardPassesAreLeftOutAndCounted() {
        assertEquals(0, peers("--timesteps", "1", "--sequences", "1", "--lengths", "8", "--most-gmac", "0", "--no-roofs"), text());
        assertTrue(text().contains("1 settings of more than 0 GMAC left out"), text());
    }

    @Test
    void memoryOfAnEntrantIsThatOfItsOwnProcess() {
        assumeTrue(ResidentMemory.isKnown(), "skipped: this system does not say what a process holds");
        PeakMemory memory = PeakMemory.measure(Entrant.ENGINE, PeerShape.SHIPPED, WeightKind.F32, 2, 1, 8, 1);
        assertTrue(memory.peak() > memory.before() && memory.before() > 1 << 20, memory.toString());
    }

    @ParameterizedTest
    @ValueSource(strings = {"--timesteps=0", "--sequences=-1", "--lengths=2", "--threads=0", "--weights=f16", "--models=gpt", "--rounds=0", "--nonsense"})
    void aBadOptionIsTheUsersMistake(String option) {
        assertEquals(2, peers(option));
    }
}
