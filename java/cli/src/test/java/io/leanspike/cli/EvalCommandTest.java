package io.leanspike.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.gson.JsonArray;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class EvalCommandTest {
    @TempDir
    Path folder;

    @Test
    void withoutModelAndDataTheBundledOnesServe() {
        Invocation run = Invocation.of("eval", "--timesteps", 4).fine();
        assertTrue(run.out().startsWith("sst2-ternary (bundled) on SST-2, bundled sample\n"), run.out());
        assertTrue(run.out().contains(" of 60\n"), run.out());
        for (String population : List.of("embedding", "layer.0.key", "layer.1.context", "layer.1.output")) {
            assertTrue(run.lines().stream().anyMatch(line -> line.strip().startsWith(population + " ")), population);
        }
    }

    @Test
    void reportFitsAnOrdinaryTerminal() {
        for (String line : Invocation.of("eval", "--limit", 2, "--timesteps", 1).fine().lines()) {
            assertTrue(line.length() <= 100, line);
        }
    }

    @Test
    void everyFormOfResultTellsTheSame() throws IOException {
        Path json = folder.resolve("r.json");
        Path predictions = folder.resolve("p.tsv");
        Invocation run = Invocation.of("eval", "--limit", 8, "--timesteps", 2, "--json", json, "--predictions", predictions).fine();
        JsonObject result = read(json);
        List<String> rows = Files.readAllLines(predictions);
        assertEquals("line\tgold\tpredicted\tlogit.negative\tlogit.positive", rows.getFirst());
        assertEquals(9, rows.size());
        long right = rows.stream().skip(1).map(row -> row.split("\t")).filter(row -> row[1].equals(row[2])).count();
        assertEquals(right / 8.0, result.getAsJsonObject("metrics").get("accuracy").getAsDouble());
        assertTrue(run.out().contains("%d of 8\n".formatted(right)), run.out());
    }

    @Test
    void figuresFollowTheirFormulas() throws IOException {
        Path json = folder.resolve("r.json");
        Invocation.of("eval", "--limit", 5, "--timesteps", 3, "--json", json).fine();
        JsonObject result = read(json);
        assertEquals(3, result.get("mean_timesteps").getAsDouble());
        assertEquals(result.get("examples").getAsInt() / result.get("seconds").getAsDouble(),
                result.get("sequences_per_second").getAsDouble(), 1e-9);
        JsonObject energy = result.getAsJsonObject("energy");
        double joules = (0.9 * result.get("sops").getAsLong() + 4.6 * result.get("macs").getAsLong()) * 1e-12;
        assertEquals(joules, energy.get("joules").getAsDouble(), 1e-12 * joules);
        assertEquals(4.6e-12 * result.get("dense_macs").getAsLong(), energy.get("dense_joules").getAsDouble(), 1e-18);
        JsonArray populations = result.getAsJsonArray("populations");
        assertEquals(25, populations.size());
        for (var element : populations) {
            JsonObject population = element.getAsJsonObject();
            double places = population.get("tokens").getAsDouble() * population.get("width").getAsDouble() * 3;
            assertEquals(result.get("tokens").getAsLong(), population.get("tokens").getAsLong());
            assertEquals(population.get("spikes").getAsLong() / places, population.get("density").getAsDouble(), 1e-15);
        }
    }

    @Test
    void batchAndThreadsChangeNoPrediction() throws IOException {
        Path one = folder.resolve("one.tsv");
        Path other = folder.resolve("other.tsv");
        Invocation.of("eval", "--limit", 9, "--timesteps", 2, "--batch", 1, "--threads", 1, "--predictions", one).fine();
        Invocation.of("eval", "--limit", 9, "--timesteps", 2, "--batch", 4, "--threads", 3, "--predictions", other).fine();
        assertEquals(Files.readString(one), Files.readString(other));
    }

    @Test
    void explainPrintsThePlanWithReasons() {
        Invocation run = Invocation.of("eval", "--limit", 3, "--timesteps", 2, "--explain").fine();
        assertTrue(run.out().contains("plan: "), run.out());
        assertTrue(run.out().contains("spiking_attention"), run.out());
    }

    @Test
    void equilibriumHasNoSpikes() throws IOException {
        Path json = folder.resolve("r.json");
        Invocation run = Invocation.of("eval", "--limit", 3, "--mode", "equilibrium", "--json", json).fine();
        JsonObject result = read(json);
        assertEquals(0, result.getAsJsonArray("populations").size());
        assertEquals(0, result.get("sops").getAsLong());
        assertTrue(result.get("mean_timesteps").isJsonNull());
        assertTrue(run.out().contains("no timesteps and no spikes"), run.out());
    }

    @ParameterizedTest
    @ValueSource(strings = {"--json", "--predictions"})
    void whatIsThereIsReplacedOnlyWithForce(String option) throws IOException {
        Path data = folder.resolve("dev.tsv");
        Files.writeString(data, "sentence\tlabel\na film\t1\n");
        Invocation.of("eval", "--task", "SST-2", "--data", data, option, data).refused("dev.tsv exists", "--force");
        assertEquals("sentence\tlabel\na film\t1\n", Files.readString(data));
        Path old = Files.writeString(folder.resolve("old"), "old");
        Invocation.of("eval", "--limit", 1, "--timesteps", 1, option, old, "--force").fine();
        assertTrue(Files.readString(old).contains("positive") || Files.readString(old).contains("leanspike.eval"));
    }

    @Test
    void resultsReachPipesAndEmptyFiles() throws IOException {
        Path json = Files.createFile(folder.resolve("r.json"));
        Invocation.of("eval", "--limit", 1, "--timesteps", 1, "--json", json, "--predictions", "/dev/null").fine();
        assertEquals(1, read(json).get("examples").getAsInt());
        assertEquals(1, Files.list(folder).count());
    }

    private static JsonObject read(Path file) throws IOException {
        return JsonParser.parseString(Files.readString(file)).getAsJsonObject();
    }
}
