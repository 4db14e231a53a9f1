package io.leanspike.text;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.leanspike.error.InvalidInputException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

class GlueTaskTest {
    @TempDir
    Path root;

    @ParameterizedTest
    @EnumSource
    void aTaskIsFoundByItsNameInAnyCase(GlueTask task) {
        assertEquals(task, GlueTask.parse(task.toString()));
        assertEquals(task, GlueTask.parse(task.toString().toLowerCase()));
        assertEquals(task, GlueTask.parse(" " + task.toString().toUpperCase() + " "));
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "SST", "SST_2", "sst-2-dev", "WNLI"})
    void anUnknownTaskIsAnsweredWithTheNames(String name) {
        InvalidInputException unknown = assertThrows(InvalidInputException.class, () -> GlueTask.parse(name));
        assertEquals("unknown GLUE task '" + name + "'; the tasks are SST-2, MRPC, RTE, CoLA, STS-B, QNLI, QQP, MNLI, MNLI-mm",
                unknown.getMessage());
    }

    @ParameterizedTest
    @EnumSource
    void everyLabelHasAWayToBeWritten(GlueTask task) {
        assertEquals(task.labels().size(), task.fileLabels().size());
        assertEquals(task.isRegression(), task.labels().isEmpty());
    }

    @ParameterizedTest(name = "{0} {1}: {2} -> {3}")
    @CsvSource({
        "SST-2, dev, SST-2/dev.tsv, SST-2/dev.tsv",
        "SST-2, dev, dev.tsv, dev.tsv",
        "QNLI, dev.subset, QNLI/dev.subset.tsv, QNLI/dev.subset.tsv",
        "MNLI, dev, MNLI/dev_matched.tsv, MNLI/dev_matched.tsv",
        "MNLI-mm, dev, MNLI/dev_mismatched.tsv, MNLI/dev_mismatched.tsv",
        "MNLI, dev, MNLI/dev.tsv, MNLI/dev.tsv",
        "MNLI-mm, dev, dev.tsv, dev.tsv",
        "MNLI, train, MNLI/train.tsv, MNLI/train.tsv",
        "MNLI, test, MNLI/test_matched.tsv, MNLI/test_matched.tsv",
        "MNLI, dev_mismatched, MNLI/dev_mismatched.tsv, MNLI/dev_mismatched.tsv",
    })
    void aSplitIsFoundInATaskFolderAndInAGlueFolder(String task, String split, String present, String found) throws IOException {
        create(present);
        assertEquals(root.resolve(found), GlueTask.parse(task).file(root, split));
        if (present.contains("/")) {
            assertEquals(root.resolve(found), GlueTask.parse(task).file(root.resolve(present).getParent(), split));
        }
    }

    @Test
    void matchedAndMismatchedAreNotMixedUp() throws IOException {
        create("MNLI/dev_matched.tsv");
        InvalidInputException absent = assertThrows(InvalidInputException.class, () -> GlueTask.MNLI_MM.file(root, "dev"));
        assertTrue(absent.getMessage().contains("MNLI/dev_mismatched.tsv"), absent.getMessage());
        create("MNLI/dev_mismatched.tsv");
        create("MNLI/dev.tsv");
        assertEquals("dev_matched.tsv", GlueTask.MNLI.file(root, "dev").getFileName().toString());
        assertEquals("dev_mismatched.tsv", GlueTask.MNLI_MM.file(root, "dev").getFileName().toString());
    }

    @Test
    void aFileIsTakenAsItIs() throws IOException {
        create("anything.txt");
        assertEquals(root.resolve("anything.txt"), GlueTask.RTE.file(root.resolve("anything.txt"), "dev"));
    }

    @Test
    void anAbsentSplitIsAnsweredWithWhatWasLookedFor() {
        InvalidInputException absent = assertThrows(InvalidInputException.class, () -> GlueTask.MRPC.file(root, "dev"));
        assertEquals(root + ": no dev split of MRPC here; looked for dev.tsv, MRPC/dev.tsv", absent.getMessage());
    }

    @Test
    void anAbsentFolderIsNamed() {
        Path absent = root.resolve("nowhere");
        InvalidInputException refused = assertThrows(InvalidInputException.class, () -> GlueTask.MRPC.file(absent, "dev"));
        assertTrue(refused.getMessage().startsWith(absent + ": no such file or folder"), refused.getMessage());
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "..", "../dev", "/dev", "a\u0000b", ".hidden", "a\\b"})
    void aSplitIsAPlainName(String split) {
        InvalidInputException refused = assertThrows(InvalidInputException.class, () -> GlueTask.SST_2.file(root, split));
        assertTrue(refused.getMessage().contains("not the name of a split"), refused.getMessage());
    }

    private void create(String file) throws IOException {
        Files.createDirectories(root.resolve(file).getParent());
        Files.createFile(root.resolve(file));
    }
}
