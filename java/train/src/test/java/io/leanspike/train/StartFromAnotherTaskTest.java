package io.leanspike.train;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.leanspike.model.Safetensors;
import io.leanspike.model.StoredTensor;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A student of one task starts the encoder of another task's; what belongs to task and teacher starts anew, and the user is told. */
class StartFromAnotherTaskTest {
    private static final int WORDS = 30;
    private static final String SHORT = " --data DIR --epochs 1 --evaluations 1";

    @TempDir
    private Path folder;

    @BeforeEach
    void aStudentOfReviews() throws Exception {
        RandomEncoder.write(folder.resolve("random"), 16, 2, 2, WORDS, 3);
        SyntheticReviews.write(folder, WORDS, 200, 20, 4);
        Path pairs = Files.createDirectories(folder.resolve("STS-B"));
        for (String split : List.of("train.tsv", "dev.tsv")) {
            Files.writeString(pairs.resolve(split),
                    "sentence1\tsentence2\tscore\n" + "worda wordb\twordb\t3.5\nwordc\twordd\t1.0\n".repeat(8));
        }
        train("teacher --task SST-2 --from DIR/random --out DIR/reviews").succeeds();
        train("teacher --task STS-B --from DIR/random --out DIR/pairs").succeeds();
        train("student --task SST-2 --teacher DIR/reviews --forward rates --hidden-weight 0 --out DIR/start").succeeds();
    }

    private TrainLine train(String line) {
        return TrainLine.run(folder, line + SHORT);
    }

    /** Of the student that later trainings start from, name by name. */
    private List<String> encoder(String name) {
        List<String> tensors = new ArrayList<>();
        try (Safetensors file = Safetensors.open(folder.resolve(name).resolve("training/best.safetensors"))) {
            file.names().stream().filter(tensor -> !tensor.startsWith("classifier.") && !tensor.startsWith("fit.")).sorted()
                    .forEach(tensor -> tensors.add(tensor + bytes(file.tensor(tensor)).hashCode()));
        }
        return tensors;
    }

    private static ByteBuffer bytes(StoredTensor tensor) {
        return tensor.data().asByteBuffer();
    }

    @Test
    void theEncoderIsTheOtherTasksAndTheClassifierIsFresh() {
        // A step of no size: what is saved is what it started as.
        TrainLine done = train(
                "student --task STS-B --teacher DIR/pairs --forward rates --learning-rate 1e-30 --start DIR/start --out DIR/out");
        done.succeeds();
        assertTrue(done.message().contains("the classifier, the maps to the teacher's hidden states"), done.message());
        assertEquals(encoder("start"), encoder("out"));
        try (Safetensors file = Safetensors.open(folder.resolve("out/training/best.safetensors"))) {
            assertEquals(List.of(1L, 16L), file.tensor("classifier.weight").shape());
        }
    }

    @Test
    void whatHasThisShapeIsTakenWithoutAWord() {
        TrainLine done = train(
                "student --task SST-2 --teacher DIR/reviews --forward rates --hidden-weight 0 --start DIR/start --out DIR/out");
        done.succeeds();
        assertFalse(done.message().contains("starts as"), done.message());
    }

    @Test
    void aStudentOfOtherDepthDoesNotStartThisOne() {
        TrainLine done = train("student --task SST-2 --teacher DIR/reviews --layers 1 --start DIR/start --out DIR/out");
        assertEquals(2, done.code());
        assertTrue(done.message().contains("2 layers") && done.message().contains("--layers"), done.message());
    }
}
