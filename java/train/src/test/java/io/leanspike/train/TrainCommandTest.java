package io.leanspike.train;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.leanspike.train.loop.TrainingFolder;
import io.leanspike.train.nn.Torch;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** A user's mistakes end with exit code 2 and one line that says what is wrong. */
class TrainCommandTest {
    private static final int WORDS = 30;

    @TempDir
    private Path folder;
    private String message = "";

    @BeforeEach
    void data() throws Exception {
        RandomEncoder.write(folder.resolve("random"), 16, 2, 1, WORDS, 3);
        SyntheticReviews.write(folder, WORDS, 200, 20, 4);
    }

    private int run(String line) {
        TrainLine done = TrainLine.run(folder, line);
        message = done.message();
        return done.code();
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {
        "teacher --task SST-2 --data DIR/nothing --from DIR/random --out DIR/out | nothing",
        "teacher --task POEMS --data DIR --from DIR/random --out DIR/out | unknown GLUE task",
        "teacher --task SST-2 --data DIR --from nowhere --out DIR/out | no such pretrained encoder",
        "teacher --task SST-2 --data DIR --from DIR/random --out DIR/out --epochs 0 | --epochs",
        "teacher --task SST-2 --data DIR --from DIR/random --out DIR/out --dropout 1 | --dropout",
        "student --task SST-2 --data DIR --teacher DIR/random --out DIR/out --layers 2 | --layers 2",
        "student --task SST-2 --data DIR --teacher DIR/random --out DIR/out --timesteps 0 | --timesteps",
        "student --task SST-2 --data DIR --teacher DIR/random --out DIR/out --timesteps 4,2 | names 2 layers, but the model has 1",
        "student --task SST-2 --data DIR --teacher DIR/random --out DIR/out --start DIR/none | none",
        "student --task SST-2 --data DIR --teacher DIR/random --out DIR/out --prune-heads 1 | --prune-heads",
        "student --task SST-2 --data DIR --teacher DIR/random --out DIR/out --prune-from 0.5 --prune-until 0.2 | --prune-until",
        "student --task SST-2 --data DIR --teacher DIR/random --out DIR/out --prune-by taste | taste",
        "student --task SST-2 --data DIR --teacher DIR/absent --out DIR/out | no such pretrained encoder",
        "teacher --task SST-2 --data DIR --from DIR/random --out DIR/out --device tpu | tpu",
        "general --text DIR/absent.txt --from DIR/random --out DIR/out | absent.txt: no such file",
        "general --data DIR/random --from DIR/random --out DIR/out | no training sentences of a GLUE task",
        "general --data DIR --limit 1 --from DIR/random --out DIR/out | at least two texts",
        "general --data DIR --from DIR/random --out DIR/out --hidden-weight 0 | --hidden-weight",
        "general --from DIR/random --out DIR/out | --text",
        "teacher --task SST-2 --data DIR --from DIR/random --out DIR/out --max-tokens 2 | --max-tokens 2",
        "student --task SST-2 --data DIR --teacher DIR/random --out DIR/out --max-tokens 0 | --max-tokens 0",
        "general --data DIR --from DIR/random --out DIR/out --max-tokens -1 | --max-tokens -1",
        "importance --model DIR/random --task SST-2 --data DIR --out DIR/absent/scores | absent",
        "teacher --task SST-2 --data DIR/SST-2/train.tsv --from DIR/random --out DIR/out | train.tsv is a file",
        "teacher --task SST-2 --data DIR --from DIR/random --out DIR/SST-2/dev.tsv | dev.tsv",
        "teacher --task SST-2 --data DIR --from DIR/random --out= | the path is empty",
        "nonsense | nonsense"})
    void mistakesAreNamed(String line, String named) {
        assertEquals(2, run(line), message);
        assertTrue(message.contains(named), message);
        assertEquals(1, message.strip().lines().count(), message);
    }

    @ParameterizedTest
    @ValueSource(strings = {"teacher --task SST-2 --from DIR/random", "student --task SST-2 --teacher DIR/random", "general --from DIR/random"})
    void withoutAGpuTheMessageSaysWhatToInstall(String line) {
        assumeTrue(Torch.engine().getGpuCount() == 0, "this machine has a GPU");
        assertEquals(2, run(line + " --data DIR --out DIR/out --device cuda"), message);
        assertTrue(message.contains("PYTORCH_LIBRARY_PATH") && message.contains("PYTORCH_FLAVOR=cu128"), message);
        assertEquals(1, message.strip().lines().count(), message);
    }

    /** Pearson's correlation with true scores that are all the same. */
    @Test
    void aTrainingWhoseScoresAreAllUndefinedSaysThatItHasNoModel() throws Exception {
        Path pairs = Files.createDirectories(folder.resolve("STS-B"));
        for (String split : new String[] {"train.tsv", "dev.tsv"}) {
            Files.writeString(pairs.resolve(split), "sentence1\tsentence2\tscore\n" + "worda\twordb\t2.5\n".repeat(4));
        }
        // A batch of as many examples as anyone may ask for is all of them.
        assertEquals(2, run("teacher --task STS-B --data DIR --from DIR/random --out DIR/out --epochs 1 --evaluations 1 --batch 2000000000"));
        assertTrue(message.contains("no model") && message.contains("metrics.jsonl"), message);
    }

    @Test
    void aTrainingThatDivergesSaysSo() {
        assertEquals(2, run("teacher --task SST-2 --data DIR --from DIR/random --out DIR/out --learning-rate 1e38 --warmup 0"));
        assertTrue(message.contains("diverged"), message);
    }

    /** The state stays as it was, so that the training goes on when the data is back. */
    @Test
    void dataThatIsGoneOnResumingIsNamed() throws Exception {
        String line = "teacher --task SST-2 --data DIR --from DIR/random --out DIR/out --epochs 1 --evaluations 1";
        assertEquals(0, run(line), message);
        byte[] state = Files.readAllBytes(folder.resolve("out/training/state.safetensors"));
        Files.move(folder.resolve("SST-2/train.tsv"), folder.resolve("SST-2/elsewhere.tsv"));
        assertEquals(2, run(line + " --resume"));
        assertTrue(message.contains("no train split"), message);
        Files.move(folder.resolve("SST-2/elsewhere.tsv"), folder.resolve("SST-2/train.tsv"));
        assertArrayEquals(state, Files.readAllBytes(folder.resolve("out/training/state.safetensors")));
        assertEquals(0, run(line + " --resume"), message);
    }

    @Test
    void aFinishedTrainingIsNotOverwritten() throws Exception {
        String line = "teacher --task SST-2 --data DIR --from DIR/random --out DIR/out --epochs 1 --evaluations 1";
        assertEquals(0, run(line), message);
        byte[] model = Files.readAllBytes(folder.resolve("out/model.safetensors"));
        assertEquals(2, run(line));
        assertTrue(message.contains("--resume"), message);
        assertEquals(2, run(line.replace("DIR/random", "minilm") + " --resume"));
        assertTrue(Files.readString(folder.resolve("out/config.json")).contains("\"hidden_size\": 16"));
        assertEquals(2, run(line + " --resume --seed 2"));
        assertTrue(message.contains("other settings"), message);
        assertEquals(0, run(line + " --resume"), message);
        assertEquals(model.length, Files.size(folder.resolve("out/model.safetensors")));
    }

    @Test
    void aModelThatNoTrainingMadeIsNotOverwritten() throws Exception {
        byte[] model = Files.readAllBytes(folder.resolve("random/model.safetensors"));
        for (String resume : new String[] {"", " --resume"}) {
            assertEquals(2, run("teacher --task SST-2 --data DIR --from DIR/random --out DIR/random --epochs 1" + resume));
            assertTrue(message.contains("no training has made"), message);
        }
        assertArrayEquals(model, Files.readAllBytes(folder.resolve("random/model.safetensors")));
    }

    @Test
    void oneTrainingAtATimeWritesAFolder() throws Exception {
        String line = "general --data DIR --from DIR/random --out DIR/out --epochs 1 --evaluations 1 --timesteps 1 --resume";
        try (TrainingFolder _ = TrainingFolder.open(folder.resolve("out"), false)) {
            assertEquals(2, run(line));
            assertTrue(message.contains("another training"), message);
            assertEquals(List.of("lock"), List.of(folder.resolve("out/training").toFile().list()));
        }
        assertEquals(0, run(line), message);
    }

    @ParameterizedTest
    @ValueSource(strings = {"--help", "teacher --help", "student --help", "general --help"})
    void everyCommandHasHelp(String line) {
        assertEquals(0, run(line), message);
    }
}
