package io.leanspike.cli;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SearchCommandTest {
    @TempDir
    Path folder;

    @Test
    void aPointWrittenIsEvaluatedAsTheSearchSaid() throws Exception {
        SmallSearch small = SmallSearch.in(folder);
        Path out = folder.resolve("search");
        String said = small.run(out, "--cost", "sops,bytes").fine().out();
        assertTrue(said.contains("search.html: open it in a browser"), said);
        for (int point : SmallSearch.points(out)) {
            Path made = folder.resolve("made" + point);
            Path json = folder.resolve("eval" + point + ".json");
            Invocation.of("compress", "apply", "--search", out, "--point", point, "--out", made).fine();
            Invocation.of("eval", "--model", made, "--task", "SST-2", "--data", small.data(), "--backend", "reference", "--json", json)
                    .fine();
            JsonObject evaluated = JsonParser.parseString(Files.readString(json)).getAsJsonObject();
            JsonObject searched = new SearchFolder(out).readResult().getAsJsonArray("points").get(point - 1).getAsJsonObject()
                    .getAsJsonObject("report");
            assertEquals(evaluated.getAsJsonObject("metrics").get("accuracy").getAsDouble(), searched.get("metric").getAsDouble());
            assertEquals(evaluated.get("sops").getAsDouble() / 6, searched.get("sops_a_sequence").getAsDouble());
            // What stands before the tensors is not counted in the search.
            long header = evaluated.get("model_bytes").getAsLong() - searched.get("bytes").getAsLong();
            assertTrue(header > 0 && header < 20_000, () -> "header of " + header);
        }
    }

    @Test
    void theTableHasALineForEveryPointAndTheModelItself() throws Exception {
        Path out = folder.resolve("search");
        SmallSearch.in(folder).run(out, "--parts", "temporal").fine();
        List<String> lines = Files.readAllLines(out.resolve("search.csv"));
        assertEquals(SmallSearch.points(out).length + 2, lines.size());
        long columns = lines.getFirst().chars().filter(c -> c == ',').count();
        assertTrue(lines.stream().allMatch(line -> line.chars().filter(c -> c == ',').count() == columns), () -> String.join("\n", lines));
        assertTrue(lines.stream().skip(1).allMatch(line -> line.contains("as-is as-is,0.0 0.0,0.0 0.0,0.0 0.0,0.0 0.0")),
                "only T was searched");
    }

    @Test
    void latencyIsMeasuredOnCalibrationWhereItIsACost() throws Exception {
        Path out = folder.resolve("search");
        SmallSearch.in(folder).run(out, "--cost", "latency", "--generations", 1).fine();
        JsonObject result = new SearchFolder(out).readResult();
        assertTrue(SmallSearch.points(out).length > 0);
        for (JsonElement point : result.getAsJsonArray("points")) {
            double latency = point.getAsJsonObject().getAsJsonObject("calibration").get("latency").getAsDouble();
            assertTrue(latency > 0 && Double.isFinite(latency), () -> "latency " + latency);
        }
        for (JsonElement outcome : result.getAsJsonArray("evaluated")) {
            assertTrue(outcome.getAsJsonObject().get("latency").getAsDouble() > 0, outcome::toString);
        }
    }

    @Test
    void everyMeasuredCriterionRanksUnitsOfASearchThatGoesOnWithThem() throws Exception {
        SmallSearch small = SmallSearch.in(folder);
        for (Criterion criterion : Criterion.MEASURED) {
            Path out = folder.resolve(criterion.toString());
            small.run(out, "--criterion", criterion, "--generations", 0).fine();
            byte[] ranking = Files.readAllBytes(out.resolve("importance.safetensors"));
            small.run(out, "--criterion", criterion, "--generations", 0, "--resume").fine();
            assertArrayEquals(ranking, Files.readAllBytes(out.resolve("importance.safetensors")));
            assertEquals(criterion.toString(), new SearchFolder(out).readResult().get("criterion").getAsString());
        }
    }

    @Test
    void anEarlierSearchIsContinuedOrReplacedOnlyWhenAskedFor() throws Exception {
        SmallSearch small = SmallSearch.in(folder);
        Path out = folder.resolve("search");
        small.run(out, "--generations", 1).fine();
        byte[] journal = Files.readAllBytes(out.resolve("evaluations.jsonl"));
        small.run(out, "--generations", 1).refused("holds a search", "--resume", "--force");
        small.run(out, "--resume", "--seed", 2).refused("seed was 1 and is 2");
        assertArrayEquals(journal, Files.readAllBytes(out.resolve("evaluations.jsonl")));
        // More generations go on from there, as if they had been asked for at once.
        small.run(out, "--resume", "--generations", 2).fine();
        Path atOnce = folder.resolve("at-once");
        small.run(atOnce, "--generations", 2).fine();
        assertEquals(-1, Files.mismatch(atOnce.resolve("search.json"), out.resolve("search.json")));
        small.run(out, "--force", "--seed", 2, "--generations", 1).fine();
    }

    @Test
    void filesOfSomethingElseAreNeverTouched() throws Exception {
        Path out = Files.createDirectory(folder.resolve("precious"));
        Files.writeString(out.resolve("thesis.tex"), "keep");
        SmallSearch small = SmallSearch.in(folder);
        small.run(out).refused("thesis.tex");
        small.run(out, "--force").refused("thesis.tex");
        assertEquals("keep", Files.readString(out.resolve("thesis.tex")));
    }

    @Test
    void aModelIsReplacedOnlyByForce() throws Exception {
        Path out = folder.resolve("search");
        SmallSearch.in(folder).run(out, "--generations", 0).fine();
        Path made = folder.resolve("made");
        Invocation.of("compress", "apply", "--search", out, "--point", 1, "--out", made).fine();
        Invocation.of("compress", "apply", "--search", out, "--point", 1, "--out", made).refused("exists and is not empty");
        Invocation.of("compress", "apply", "--search", out, "--point", 1, "--out", made, "--force").fine();
    }

    @Test
    void mistakesAreNamedAndNothingIsWritten() {
        SmallSearch small = SmallSearch.in(folder);
        Path out = folder.resolve("search");
        small.run(out, "--cost", "luck").refused("--cost", "'luck'", "sops");
        small.run(out, "--parts", "luck").refused("--parts", "'luck'", "temporal");
        small.run(out, "--criterion", "luck").refused("--criterion", "'luck'", "variance");
        // A search has no option that names a file of scores.
        small.run(out, "--criterion", "taylor").refused("--criterion", "'taylor'");
        small.run(out, "--budget", -1).refused("--budget", "-1");
        small.run(out, "--population", 1).refused("--population", "at least 4");
        small.run(out, "--generations", -1).refused("--generations");
        small.run(out, "--threads", 1025).refused("threads: 1025 is not from 1 to 1024");
        small.run(out, "--resume", "--force").refused("--resume", "--force");
        assertFalse(Files.exists(out));
        Invocation.of("compress", "apply", "--search", folder, "--point", 1, "--out", out)
                .refused("search.json", "not the folder of a search");
    }

    @Test
    void aPointOrAModelThatWasNotSearchedIsRefused() throws Exception {
        SmallSearch small = SmallSearch.in(folder);
        Path out = folder.resolve("search");
        small.run(out, "--generations", 0).fine();
        Path made = folder.resolve("made");
        Invocation.of("compress", "apply", "--search", out, "--point", 99, "--out", made).refused("--point 99", "points 1 to");
        Path other = BrokenModel.copy(folder.resolve("other")).folder();
        Invocation.of("compress", "apply", "--search", out, "--point", 1, "--model", other, "--out", made)
                .refused("not the model that was searched");
        for (String result : new String[] {"[]", "{}", "{\"points\": [{\"candidate\": {\"layers\": [1]}}]}", "{\"poi"}) {
            Files.writeString(out.resolve("search.json"), result);
            Invocation.of("compress", "apply", "--search", out, "--point", 1, "--out", made).refused("search.json");
        }
        assertFalse(Files.exists(made));
    }
}
