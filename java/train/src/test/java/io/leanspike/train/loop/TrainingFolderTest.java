package io.leanspike.train.loop;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TrainingFolderTest {
    @TempDir
    private Path folder;

    @Test
    void oneThatIsClosedBeforeAnythingWasWrittenLeavesNothing() {
        Path out = folder.resolve("out");
        TrainingFolder.open(out, false).close();
        assertFalse(Files.exists(out));
    }

    @Test
    void whatWasThereOrWasWrittenStays() throws Exception {
        TrainingFolder.open(folder, false).close();
        assertTrue(Files.isDirectory(folder), "the user's own empty folder");
        Path out = folder.resolve("out");
        try (TrainingFolder _ = TrainingFolder.open(out, false)) {
            Files.writeString(out.resolve("training").resolve("metrics.jsonl"), "{}");
        }
        assertEquals("{}", Files.readString(out.resolve("training").resolve("metrics.jsonl")));
    }
}
