package io.leanspike.train;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.leanspike.text.GlueTask;
import io.leanspike.text.TextInput;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class MoreTextOptionsTest {
    @TempDir
    private Path folder;

    @Test
    void pairsOfOtherTasksStayPairsForATaskOnPairs() throws Exception {
        Files.createDirectories(folder.resolve("RTE"));
        Files.writeString(folder.resolve("RTE/train.tsv"), "index\tsentence1\tsentence2\tlabel\n0\tIt rains.\tIt is wet.\tentailment\n");
        Path lines = Files.writeString(folder.resolve("lines.txt"), "A line.\n");

        assertEquals(List.of(TextInput.of("A line."), TextInput.of("It rains.", "It is wet.")),
                MoreTextOptions.read(GlueTask.MRPC, List.of(lines), Optional.of(folder)));
        assertEquals(List.of(TextInput.of("A line."), TextInput.of("It rains."), TextInput.of("It is wet.")),
                MoreTextOptions.read(GlueTask.SST_2, List.of(lines), Optional.of(folder)));
    }
}
