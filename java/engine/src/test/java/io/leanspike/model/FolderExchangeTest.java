package io.leanspike.model;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class FolderExchangeTest {
    @TempDir
    private Path folder;

    private Path one;
    private Path other;

    @BeforeEach
    void folders() throws IOException {
        one = Files.createDirectory(folder.resolve("one"));
        other = Files.createDirectory(folder.resolve("other ü"));
        Files.writeString(one.resolve("name"), "one");
        Files.writeString(other.resolve("name"), "other");
    }

    private void assertExchanged() throws IOException {
        assertEquals("other", Files.readString(one.resolve("name")));
        assertEquals("one", Files.readString(other.resolve("name")));
        try (var names = Files.list(folder)) {
            assertEquals(2, names.count());
        }
    }

    @Test
    void linuxExchangesAtOnceOrLeavesBothAlone() throws IOException {
        boolean isDone = FolderExchange.atOnce(one, other);
        if (!isDone) {
            assertEquals("one", Files.readString(one.resolve("name")));
            assertEquals("other", Files.readString(other.resolve("name")));
        }
        assumeTrue(isDone, "this system or file system cannot exchange folders in one call");
        assertExchanged();
    }

    @Test
    void foldersAreExchangedOnAnySystem() throws IOException {
        FolderExchange.exchange(one, other);
        assertExchanged();
    }

    @Test
    void renamesExchangeToo() throws IOException {
        FolderExchange.byRenames(one, other);
        assertExchanged();
    }

    @Test
    void aFolderThatIsNotThereLeavesTheOtherAlone() {
        Path absent = folder.resolve("absent");
        assertFalse(FolderExchange.atOnce(one, absent));
        assertThrows(IOException.class, () -> FolderExchange.exchange(one, absent));
        assertTrue(Files.exists(one.resolve("name")));
        assertFalse(Files.exists(absent));
    }
}
