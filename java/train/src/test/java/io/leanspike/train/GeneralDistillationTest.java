package io.leanspike.train;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A student learns an encoder's layers from text without labels, and a task's training goes on from there. */
class GeneralDistillationTest {
    private static final int WORDS = 30;

    @TempDir
    private Path folder;

    @BeforeEach
    void texts() throws Exception {
        RandomEncoder.write(folder.resolve("random"), 32, 4, 2, WORDS, 3);
        SyntheticReviews.write(folder, WORDS, 1500, 100, 4);
        Files.write(folder.resolve("plain.txt"),
                Files.readAllLines(folder.resolve("SST-2/train.tsv")).stream().map(line -> line.split("\t")[0]).toList());
        Files.writeString(folder.resolve("more.txt"), "\n  \nworda wordb\n");
    }

    private void train(String line) {
        TrainLine.run(folder, line).succeeds();
    }

    private List<JsonObject> metrics(String out) throws Exception {
        return Files.readAllLines(folder.resolve(out).resolve("training/metrics.jsonl")).stream()
                .map(line -> JsonParser.parseString(line).getAsJsonObject()).toList();
    }

    private double firstHiddenLoss(String out) throws Exception {
        return metrics(out).getFirst().get("hidden").getAsDouble();
    }

    @Test
    void theErrorOnTextThatWasNotTrainedOnFallsAndATaskStartsFromThere() throws Exception {
        train("general --text DIR/plain.txt DIR/more.txt --from DIR/random --out DIR/general --forward rates --epochs 4 --learning-rate 2e-3 --evaluations 1");
        List<Double> errors = metrics("general").stream().filter(line -> line.has("dev"))
                .map(line -> line.getAsJsonObject("dev").get("hidden_error").getAsDouble()).toList();
        assertEquals(4, errors.size());
        double before = firstHiddenLoss("general");
        assertTrue(errors.getLast() < 0.8 * before, before + " before, then " + errors);

        train("teacher --task SST-2 --data DIR --from DIR/random --out DIR/teacher --epochs 1 --evaluations 1");
        String student = "student --task SST-2 --data DIR --teacher DIR/teacher --forward rates --epochs 1 --evaluations 1 --out DIR/";
        train(student + "fresh");
        train(student + "continued --start DIR/general");
        assertTrue(firstHiddenLoss("continued") < 0.8 * firstHiddenLoss("fresh"),
                firstHiddenLoss("continued") + " and " + firstHiddenLoss("fresh"));
    }

    @Test
    void withoutTextFilesTheSentencesOfAllTasksAreRead() throws Exception {
        Path pairs = Files.createDirectories(folder.resolve("RTE"));
        Files.writeString(pairs.resolve("train.subset.tsv"), "sentence1\tsentence2\tlabel\nworda\twordb\tentailment\n");
        train("general --data DIR --from DIR/random --out DIR/general --forward equilibrium --epochs 1 --evaluations 1");
        String settings = Files.readString(folder.resolve("general/training/state.safetensors"),
                java.nio.charset.StandardCharsets.ISO_8859_1);
        assertTrue(settings.contains("with 1501 texts"));
    }
}
