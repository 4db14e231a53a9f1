package io.leanspike.error;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;
import org.junit.jupiter.api.io.TempDir;

/** A user reads words, not the names of Java's exceptions. */
class FileFailureTest {
    @TempDir
    private Path folder;

    private static String words(Executable access) {
        return FileFailure.words(assertThrows(IOException.class, access));
    }

    @Test
    void failuresOfTheFileSystemAreToldInWords() throws Exception {
        Path file = Files.write(folder.resolve("file"), new byte[] {(byte) 0xe9});
        assertEquals("it or its folder does not exist", words(() -> Files.readString(folder.resolve("absent"))));
        assertEquals(file + " is there already", words(() -> Files.createDirectory(file)));
        assertEquals(file + " is no folder", words(() -> Files.newDirectoryStream(file).close()));
        assertEquals("it is not valid UTF-8", words(() -> Files.readString(file)));
    }

    @Test
    void theReasonStandsAloneWithoutTheNameOfATemporaryFile() {
        assertEquals("permission denied", FileFailure.words(new AccessDeniedException(".m.tmp")));
        IOException full = new FileSystemException(".m.tmp", null, "No space left on device");
        assertEquals("No space left on device", FileFailure.words(full));
        assertEquals("No space left on device", FileFailure.words(new UncheckedIOException(full)));
        assertEquals("Broken pipe", FileFailure.words(new IOException("Broken pipe")));
    }
}
