package io.leanspike.train;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.leanspike.SpikingModel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class RunCommandTest {
    private static final int WORDS = 30;
    private static final String RECIPE = """
            # a teacher, a general student, one of the task, and the student without words it does not know
            teacher --task SST-2 --data $DATA --from $DATA/random --out $DATA/teacher --epochs 1 --evaluations 1
            general --data $DATA --from $DATA/random --out $DATA/general --epochs 1 --evaluations 1 --timesteps 2
            student --task SST-2 --data $DATA --teacher $DATA/teacher --start $DATA/general --out $DATA/student \\
                --timesteps 2 --epochs 1 --evaluations 1
            trim --model $DATA/student --text $DATA/SST-2/train.tsv --out $DATA/trimmed
            """;

    @TempDir
    private Path folder;
    private String message = "";

    @BeforeEach
    void data() throws Exception {
        RandomEncoder.write(folder.resolve("random"), 16, 2, 1, WORDS, 3);
        SyntheticReviews.write(folder, WORDS, 100, 20, 4);
        Files.writeString(folder.resolve("recipe"), RECIPE);
    }

    private int run(String... arguments) {
        TrainLine done = TrainLine.run(arguments);
        message = done.message();
        return done.code();
    }

    @Test
    void stagesRunOnceHoweverOftenTheRecipeDoes() {
        String data = "DATA=" + folder;
        assertEquals(0, run("run", folder.resolve("recipe").toString(), "--set", data), message);
        assertEquals(4, message.lines().filter(line -> line.startsWith("leanspike: train ")).count(), message);
        assertEquals(0, run("run", folder.resolve("recipe").toString(), "--set", data), message);
        assertEquals(0, message.lines().filter(line -> line.contains(": dev ")).count(), message);
    }

    @Test
    void aTrimmedStudentAnswersAsBeforeOnItsWords() throws Exception {
        // Only the first 5 sentences: most of the 30 words go.
        Files.write(folder.resolve("few.txt"), Files.readAllLines(folder.resolve("SST-2/train.tsv")).subList(1, 6));
        Files.writeString(folder.resolve("recipe"), RECIPE.replace("SST-2/train.tsv", "few.txt"));
        assertEquals(0, run("run", folder.resolve("recipe").toString(), "--set", "DATA=" + folder), message);
        try (SpikingModel whole = SpikingModel.open(folder.resolve("student"));
                SpikingModel trimmed = SpikingModel.open(folder.resolve("trimmed"))) {
            assertTrue(trimmed.config().vocabularySize() < whole.config().vocabularySize());
            for (String line : Files.readAllLines(folder.resolve("few.txt"))) {
                String text = line.substring(0, line.indexOf('\t'));
                assertArrayEquals(whole.classify(text).logits(), trimmed.classify(text).logits());
            }
            // Words that went are still read, in characters.
            assertTrue(trimmed.classify("wordaa wordab").probabilities().length == 2);
        }
    }

    @Test
    void importanceIsAStageAndFoldersMayHaveSpaces() throws Exception {
        Path spaced = folder.resolve("with spaces");
        RandomEncoder.write(spaced.resolve("random"), 16, 2, 1, WORDS, 3);
        SyntheticReviews.write(spaced, WORDS, 100, 20, 4);
        Files.writeString(folder.resolve("recipe"), RECIPE
                + "importance --model $DATA/student --task SST-2 --data $DATA --limit 4 --out=$DATA/scores.safetensors\n");
        for (int time = 0; time < 2; time++) {
            assertEquals(0, run("run", folder.resolve("recipe").toString(), "--set", "DATA=" + spaced), message);
            assertEquals(time == 0, message.contains("train importance"), message);
        }
        assertTrue(Files.exists(spaced.resolve("scores.safetensors")));
    }

    @Test
    void whatTrimCannotReadIsNamedAndNothingIsMade() throws Exception {
        assertEquals(0, run("run", folder.resolve("recipe").toString(), "--set", "DATA=" + folder), message);
        Files.write(folder.resolve("latin1.txt"), new byte[] {'a', (byte) 0xe9, '\n'});
        for (String text : new String[] {"absent.txt", "latin1.txt"}) {
            assertEquals(2, run("trim", "--model", folder.resolve("student").toString(), "--text", folder.resolve(text).toString(),
                    "--out", folder.resolve("made").toString()));
            assertTrue(message.contains(text) && !message.contains("cannot be written"), message);
        }
        assertFalse(Files.exists(folder.resolve("made")));
    }

    @Test
    void aMistakeInALaterStageShowsBeforeTheFirstRuns() throws Exception {
        Files.writeString(folder.resolve("recipe"), RECIPE + "\nstudent --task SST-2 --teacher teacher --data data --out late --epoch 2\n");
        assertEquals(2, run("run", folder.resolve("recipe").toString(), "--set", "DATA=" + folder));
        assertTrue(message.contains("--epoch"), message);
        assertFalse(Files.exists(folder.resolve("teacher")));
    }

    /** A stage that says so itself, or runs recipes, would be found wrong when its turn comes. */
    @ParameterizedTest
    @ValueSource(strings = {"teacher --task SST-2 --data data --from minilm --out late --resume", "run recipe"})
    void resumingIsUpToTheRecipeInEveryStage(String stage) throws Exception {
        Files.writeString(folder.resolve("recipe"), RECIPE + "\n" + stage + "\n");
        assertEquals(2, run("run", folder.resolve("recipe").toString(), "--set", "DATA=" + folder));
        assertTrue(message.contains("--resume"), message);
        assertFalse(Files.exists(folder.resolve("teacher")));
    }

    @Test
    void theRecipesThatAreShippedHaveOnlyOptionsThatThereAre() throws Exception {
        Map<String, String> values = Map.of("DATA", "glue", "TEXT", "text", "RUNS", "runs", "TASK", "MRPC", "FROM", "minilm");
        int stages = 0;
        try (Stream<Path> recipes = Files.list(Path.of("recipes"))) {
            for (Path recipe : recipes.filter(file -> file.toString().endsWith(".recipe")).toList()) {
                for (List<String> stage : RunCommand.stages(recipe, values)) {
                    TrainCommand.parsed(stage);
                    stages++;
                }
            }
        }
        assertTrue(stages > 8, stages + " stages");
    }

    @Test
    void whatARecipeLacksIsNamed() {
        assertEquals(2, run("run", folder.resolve("absent").toString()));
        assertTrue(message.contains("absent"), message);
        assertEquals(2, run("run", folder.resolve("recipe").toString()));
        assertTrue(message.contains("--set DATA="), message);
    }
}
