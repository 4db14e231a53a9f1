package io.leanspike.bench.ablation;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import io.leanspike.bench.Main;
import io.leanspike.bench.TinySst2;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Every way of every part is run, once a seed where something random enters. */
class BenchAblationTest {
    private final ByteArrayOutputStream printed = new ByteArrayOutputStream();

    @TempDir
    private Path folder;

    private int ablation(String... more) throws Exception {
        TinySst2.write(folder);
        Path task = Files.createDirectories(folder.resolve("SST-2"));
        for (String split : List.of("dev", "train")) {
            Files.copy(folder.resolve("dev.tsv"), task.resolve(split + ".tsv"));
        }
        String[] line = {"ablation", "--model", folder.toString(), "--task", "SST-2", "--data", folder.toString(), "--calibration", "2",
            "--seeds", "1,2", "--threads", "1"};
        return Main.run(new PrintStream(printed, true, StandardCharsets.UTF_8),
                Stream.concat(Arrays.stream(line), Arrays.stream(more)).toArray(String[]::new));
    }

    @Test
    void everyWayIsRunAndRecorded() throws Exception {
        Path json = folder.resolve("ablation.jsonl");
        assertEquals(0, ablation("--parts", "PRUNING,QUANTIZATION", "--json", json.toString()));
        List<JsonObject> lines = Files.readAllLines(json).stream().map(line -> JsonParser.parseString(line).getAsJsonObject()).toList();
        // Of each part the model as it is; five criteria on five changes; three bits rounded and corrected in two ways.
        assertEquals(1 + 5 * 5 + 1 + 3 * 3, lines.size());
        assertEquals(lines.size(), printed.toString(StandardCharsets.UTF_8).lines()
                .filter(line -> line.startsWith("| ") && line.endsWith("M |")).count());
        for (JsonObject line : lines) {
            String way = line.get("way").getAsString();
            boolean calibrated = !List.of("–", "magnitude", "rounded").contains(way);
            assertEquals(calibrated ? 2 : 1, line.getAsJsonArray("scores").size(), way);
            assertEquals(calibrated ? 2 : 0, line.getAsJsonArray("seeds").size(), way);
        }
        assertEquals(List.of("magnitude", "activity", "variance", "pca", "taylor"), lines.stream()
                .filter(line -> line.get("change").getAsString().equals("half of the neurons"))
                .map(line -> line.get("way").getAsString()).toList());
        double whole = lines.getFirst().getAsJsonArray("sops").get(0).getAsDouble();
        assertTrue(lines.stream().filter(line -> line.get("change").getAsString().startsWith("three quarters"))
                .flatMap(line -> line.getAsJsonArray("sops").asList().stream()).allMatch(sops -> sops.getAsDouble() < whole),
                lines.stream().map(JsonObject::toString).collect(Collectors.joining("\n")));
    }

    @ParameterizedTest
    @ValueSource(strings = {"--parts=TASTE", "--timesteps=0", "--timesteps=2,2", "--initial-potential=1", "--limit=0", "--split=absent"})
    void aBadOptionIsTheUsersMistake(String option) throws Exception {
        assertEquals(2, ablation(option));
    }
}
