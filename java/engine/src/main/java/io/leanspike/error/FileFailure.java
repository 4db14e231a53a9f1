package io.leanspike.error;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.CharacterCodingException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;

/** Why a file could not be read or written, in the words of a message that names the file already. */
public final class FileFailure {
    private FileFailure() {}

    /** @param failure an {@link IOException}, or an unchecked one around it */
    public static String words(Exception failure) {
        return switch (failure) {
            case UncheckedIOException unchecked -> words(unchecked.getCause());
            case NoSuchFileException _ -> "it or its folder does not exist";
            case AccessDeniedException _ -> "permission denied";
            case FileAlreadyExistsException exists -> exists.getFile() + " is there already";
            case NotDirectoryException no -> no.getFile() + " is no folder";
            case CharacterCodingException _ -> "it is not valid UTF-8";
            // Its message would begin with the file's name, or that of a temporary one.
            case FileSystemException system when system.getReason() != null -> system.getReason();
            case Exception other -> other.getMessage() == null ? other.toString() : other.getMessage();
        };
    }
}
