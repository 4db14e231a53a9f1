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
}
