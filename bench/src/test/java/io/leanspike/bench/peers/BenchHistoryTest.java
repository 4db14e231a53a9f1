package io.leanspike.bench.peers;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.leanspike.backend.WeightKind;
import io.leanspike.bench.Effort;
import io.leanspike.bench.Machine;
import io.leanspike.bench.Main;
import io.leanspike.bench.Spread;
import io.leanspike.error.InvalidInputException;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Map;
import java.util.Optional;
import javax.xml.parsers.DocumentBuilderFactory;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The page shows the newest figures of each setting and machine, and the plot of commits all of them. */
class BenchHistoryTest {
    private static final Setting SETTING = new Setting("minilm", WeightKind.TERNARY, "20%", 4, 1, 32);

    private static int history(Path file) {
        return Main.run(new PrintStream(new ByteArrayOutputStream()), "history", file.toString());
    }

    private static void record(Path file, String cpu, String commit, Setting setting, double ratio) {
        Map<String, Spread> rates = Map.of("engine", new Spread(100, 90, 110), "torch_loop", new Spread(100 / ratio, 90 / ratio, 110 / ratio));
        new PeerLines(Optional.of(file), new Machine(cpu, 2, 0, "25", commit), "cpu", 2, new Effort(1, 5, 0.1, 64)).append("forward",
                new ForwardComparison(setting, Map.of("key", 0.25), 1, rates, Map.of("torch_loop", new Spread(ratio, ratio, ratio)),
                        Map.of("torch_loop", new LogitAgreement(1, 1, 1, 0)),
                        Map.of(SplitForward.SHARE, new Spread(0.7, 0.7, 0.7), SplitForward.GMAC, new Spread(500, 500, 500))));
    }

    @Test
    void newestFiguresAreInTheTableAndAllInThePlotOfCommits(@TempDir Path folder) throws Exception {
        Path file = folder.resolve("peers.jsonl");
        record(file, "Zen", "aaa", SETTING, 3);
        record(file, "Zen", "bbb", SETTING, 8);
        assertEquals(0, history(file));
        String page = Files.readString(folder.resolve("peers.md"));
        assertTrue(page.contains("**8.00x**"), page);
        assertFalse(page.contains("**3.00x**"), page);
        String plot = Files.readString(folder.resolve("peers-commits.svg"));
        assertTrue(plot.contains(">aaa<") && plot.contains(">bbb<"), plot);
        DocumentBuilderFactory.newInstance().newDocumentBuilder().parse(folder.resolve("peers-commits.svg").toFile());
    }

    @Test
    void machinesAreKeptApart(@TempDir Path folder) throws Exception {
        Path file = folder.resolve("peers.jsonl");
        record(file, "Zen", "aaa", SETTING, 3);
        record(file, "Haswell", "aaa", SETTING, 8);
        assertEquals(0, history(file));
        String page = Files.readString(folder.resolve("peers.md"));
        assertTrue(page.contains("## Zen") && page.contains("## Haswell"), page);
        assertTrue(page.contains("**8.00x**") && page.contains("**3.00x**"), page);
    }

    @Test
    void thePageIsMadeAgainButNothingElseIsOverwritten(@TempDir Path folder) throws Exception {
        Path file = folder.resolve("peers.jsonl");
        record(file, "Zen", "aaa", SETTING, 3);
        assertEquals(0, history(file));
        assertEquals(0, history(file));
        Path page = folder.resolve("peers.md");
        Files.writeString(page, "notes of my own");
        assertEquals(2, history(file));
        assertEquals("notes of my own", Files.readString(page));
    }

    @Test
    void aLineOfAnotherKindIsNamed(@TempDir Path folder) throws Exception {
        Path file = folder.resolve("peers.jsonl");
        record(file, "Zen", "aaa", SETTING, 3);
        Files.writeString(file, Files.readString(file) + "{\"schema\":1}\n");
        InvalidInputException refused = assertThrows(InvalidInputException.class, () -> PeersHistory.read(file));
        assertTrue(refused.getMessage().contains("line 2"), refused.getMessage());
        assertEquals(2, history(file));
        assertEquals(2, history(folder.resolve("absent.jsonl")));
    }

    @Test
    void aPageOfAGpuPutsTheNewestFiguresBesideThoseOfPyTorch(@TempDir Path folder) throws Exception {
        String forward = """
                {"schema":"leanspike.gpu/1","date":"%s","device":"GPU X (sm_90)","shape":"spikingbert-4","length":128,"what":"forward",\
                "weights":"ternary","timesteps":4,"sequences":32,"launches":30,"milliseconds":%s,"dense_milliseconds":{"dense FP16":%s}}
                """;
        Path file = Files.writeString(folder.resolve("gpu.jsonl"), """
                {"schema":"leanspike.gpu/1","date":"2026-01-01T00:00:00Z","device":"GPU X (sm_90)","what":"check","weights":"ternary","timesteps":4,\
                "agreement":{"spikes":1200,"wrong":0,"rounded":3,"largestError":1e-7}}
                """ + forward.formatted("2026-01-01T00:00:00Z", spread(9), spread(8)) + forward.formatted("2026-01-02T00:00:00Z", spread(2), spread(1.5)) + """
                {"schema":"leanspike.gpu-peer/1","date":"2026-01-02T00:00:00Z","device":"GPU X","torch":"2.0","shape":"spikingbert-4","length":128,\
                "precision":"float32","order":"loop","graph":false,"sequences":32,"timesteps":4,"milliseconds":{"median":31.3,"lowerQuartile":31,"upperQuartile":32}}
                """);
        assertEquals(0, history(file));
        String page = Files.readString(folder.resolve("gpu.md"));
        assertTrue(page.contains("| LeanSpike, ternary weights | 2.00 |"), page);
        assertTrue(page.contains("cuBLAS dense FP16, T folded in | 1.50 |"), page);
        assertTrue(page.contains("| PyTorch 2.0, float32, time loop | 31.3 |"), page);
        assertTrue(page.contains("1,200 spikes of 1 settings against the float64 oracle, 0 wrong, 3 within rounding"), page);
        assertEquals(1, page.lines().filter(line -> line.startsWith("## GPU X")).count(), page);

        Files.writeString(file, "{\"schema\":\"leanspike.peers/1\"}\n", StandardOpenOption.APPEND);
        assertEquals(2, history(file));
        assertEquals(page, Files.readString(folder.resolve("gpu.md")));
    }

    private static String spread(double median) {
        return "{\"median\":%s,\"lowerQuartile\":%s,\"upperQuartile\":%s}".formatted(median, median, median);
    }
}
