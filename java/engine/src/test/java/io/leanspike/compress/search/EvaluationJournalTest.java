package io.leanspike.compress.search;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.gson.JsonObject;
import io.leanspike.error.InvalidInputException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class EvaluationJournalTest {
    @TempDir
    Path folder;

    private Path file;

    @BeforeEach
    void name() {
        file = folder.resolve("evaluations.jsonl");
    }

    private static JsonObject settings(long seed) {
        JsonObject settings = new JsonObject();
        settings.addProperty("seed", seed);
        return settings;
    }

    private CompressionSearch.Result search(AtomicInteger evaluations) {
        CompressionSearch search = new CompressionSearch(SyntheticProblem.space(), List.of(SearchCost.SOPS), 0.05, 8, 6, 5);
        try (EvaluationJournal journal = EvaluationJournal.open(file, settings(5))) {
            return search.run(SyntheticProblem.uncompressed(), candidate -> journal.outcome(candidate, "calibration", () -> {
                evaluations.incrementAndGet();
                return SyntheticProblem.outcome(candidate);
            }), CompressionSearch.Listener.SILENT);
        }
    }

    /** A kill or a full disk leaves some first bytes of the journal, whatever their number. */
    @Test
    void cutAnywhereASearchGoesOnToTheSameFrontAndJournal() throws Exception {
        AtomicInteger all = new AtomicInteger();
        CompressionSearch.Result whole = search(all);
        byte[] bytes = Files.readAllBytes(file);
        SplittableRandom random = new SplittableRandom(1);
        for (int cut : random.ints(40, 0, bytes.length + 1).toArray()) {
            Files.write(file, Arrays.copyOf(bytes, cut));
            AtomicInteger again = new AtomicInteger();
            assertEquals(whole, search(again), () -> "cut at " + cut);
            assertArrayEquals(bytes, Files.readAllBytes(file), () -> "cut at " + cut);
            long kept = new String(bytes, 0, cut, StandardCharsets.UTF_8).chars().filter(c -> c == '\n').count();
            assertEquals(all.get() - Math.max(0, kept - 1), again.get(), "what is known is not evaluated again");
        }
    }

    @Test
    void aFinishedSearchIsAnsweredFromTheJournalAlone() {
        CompressionSearch.Result whole = search(new AtomicInteger());
        AtomicInteger again = new AtomicInteger();
        assertEquals(whole, search(again));
        assertEquals(0, again.get());
    }

    @Test
    void otherSettingsAreRefusedAndNamed() {
        search(new AtomicInteger());
        InvalidInputException refusal = assertThrows(InvalidInputException.class, () -> EvaluationJournal.open(file, settings(6)));
        assertTrue(refusal.getMessage().contains("seed was 5 and is 6"), refusal.getMessage());
    }

    @Test
    void aDamagedLineIsRefusedWithItsNumberAndLeftAsItIs() throws Exception {
        search(new AtomicInteger());
        List<String> lines = Files.readAllLines(file);
        lines.set(3, "{\"on\":");
        Files.write(file, lines);
        byte[] damaged = Files.readAllBytes(file);
        InvalidInputException refusal = assertThrows(InvalidInputException.class, () -> EvaluationJournal.open(file, settings(5)));
        assertTrue(refusal.getMessage().contains("line 4"), refusal.getMessage());
        assertArrayEquals(damaged, Files.readAllBytes(file));
    }

    @Test
    void twoSearchesCannotWriteOneJournal() {
        try (EvaluationJournal first = EvaluationJournal.open(file, settings(1))) {
            assertEquals(0, first.size());
            InvalidInputException refusal = assertThrows(InvalidInputException.class, () -> EvaluationJournal.open(file, settings(1)));
            assertTrue(refusal.getMessage().contains("in use"), refusal.getMessage());
        }
    }
}
