package io.leanspike.bench.compression;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import io.leanspike.ModelOptions;
import io.leanspike.SpikingModel;
import io.leanspike.bench.Main;
import io.leanspike.bench.TinySst2;
import io.leanspike.eval.Evaluation;
import io.leanspike.text.GlueReader;
import io.leanspike.text.GlueTask;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The table has what the engine's evaluation says of every variant and arithmetic of the teacher. Nothing is timed for its value. */
class BenchCompressionTest {
    private final ByteArrayOutputStream printed = new ByteArrayOutputStream();

    @TempDir
    private Path folder;

    @BeforeEach
    void model() throws Exception {
        // Read without its spiking part it is an ordinary BERT.
        TinySst2.write(folder);
    }

    private int compression(String... more) {
        List<String> line = new ArrayList<>(List.of("compression", "--task", "SST-2", "--data", folder.resolve("dev.tsv").toString(),
                "--warm-ups", "0", "--rounds", "1", "--sample-seconds", "0", "--threads", "1"));
        line.addAll(List.of(more));
        return Main.run(new PrintStream(printed, true, StandardCharsets.UTF_8), line.toArray(String[]::new));
    }

    private String text() {
        return printed.toString(StandardCharsets.UTF_8);
    }

    private Evaluation evaluation(int timesteps) {
        try (SpikingModel model = SpikingModel.open(folder, ModelOptions.DEFAULTS.withTimesteps(timesteps))) {
            return model.evaluate(GlueTask.SST_2, GlueReader.read(GlueTask.SST_2, folder.resolve("dev.tsv")));
        }
    }

    @Test
    void everyModelIsPrintedAndRecorded() throws Exception {
        Path json = folder.resolve("compression.jsonl");
        assertEquals(0, compression("--teacher", folder.toString(), "--model", "none=" + folder, "--model", "few=" + folder,
                "--timesteps", "few=1", "--batches", "1,2", "--json", json.toString()), text());
        assertEquals(List.of("teacher, dense float32", "none", "few"),
                text().lines().filter(line -> line.startsWith("| ")).skip(1).map(line -> line.split(" \\| ")[0].substring(2)).toList(),
                text());

        List<JsonObject> lines = Files.readAllLines(json).stream().map(line -> JsonParser.parseString(line).getAsJsonObject()).toList();
        assertEquals(3, lines.size());
        for (JsonObject line : lines) {
            assertTrue(line.getAsJsonObject("times").getAsJsonObject("sequencesPerSecond").getAsJsonObject("2")
                    .get("median").getAsDouble() > 0);
        }
        for (int i = 1; i <= 2; i++) {
            Evaluation expected = evaluation(3 - i);
            JsonObject model = lines.get(i).getAsJsonObject("model");
            assertEquals(expected.metrics().get("accuracy"), model.getAsJsonObject("metrics").get("accuracy").getAsDouble());
            assertEquals(expected.cost().synapticOperations() / 3.0, model.get("sops").getAsDouble());
            assertEquals(expected.cost().joules() / 3, model.get("joules").getAsDouble());
        }
        // Tokens of the three sentences with [CLS] and [SEP]: 5, 5 and 3. Width 8, 16 neurons, 2 labels.
        double macs = 0;
        for (int length : new int[] {5, 5, 3}) {
            macs += length * (4 * 8 * 8 + 2 * 8 * 16) + 2 * length * length * 8 + 8 * 2;
        }
        JsonObject teacher = lines.getFirst().getAsJsonObject("model");
        assertEquals(macs / 3, teacher.get("macs").getAsDouble(), 1e-9);
        assertEquals(4 * (4 * 8 * 8 + 2 * 8 * 16), teacher.get("encoderBytes").getAsLong());
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {
        "--model none=DIR | --teacher",
        "--teacher DIR | --model",
        "--teacher DIR --model none=DIR/absent | absent",
        "--teacher DIR --model none=DIR --timesteps other=2 | there is no --model of that name",
        "--teacher DIR --model none=DIR --timesteps none=2,2,2 | names 3 layers",
        "--teacher DIR --model none=DIR --batches 0 | at least 1",
        "--teacher DIR/absent --model none=DIR | no such pretrained encoder"})
    void aMistakeIsNamed(String line, String named) {
        PrintStream before = System.err;
        ByteArrayOutputStream err = new ByteArrayOutputStream();
        System.setErr(new PrintStream(err, true, StandardCharsets.UTF_8));
        try {
            assertEquals(2, compression(line.replace("DIR", folder.toString()).split(" ")));
        } finally {
            System.setErr(before);
        }
        assertTrue(err.toString(StandardCharsets.UTF_8).contains(named), err.toString(StandardCharsets.UTF_8));
    }
}
