package io.leanspike.model;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Optional;
import java.util.UUID;

/**
 * Lets two folders change names at once, by Linux's {@code renameat2} with {@code RENAME_EXCHANGE}, which Java has no call for: whoever
 * looks sees the one or the other, also after a kill or a power cut in between. Where system or file system cannot do that, the
 * exchange takes three renames, and a kill between them leaves the first folder under a hidden name beside its own.
 */
final class FolderExchange {
    /** "relative to the working directory", in fcntl.h. */
    private static final int AT_FDCWD = -100;
    /** In linux/fs.h. */
    private static final int RENAME_EXCHANGE = 2;

    private static final Optional<MethodHandle> RENAME = Linker.nativeLinker().defaultLookup().find("renameat2")
            .map(symbol -> Linker.nativeLinker().downcallHandle(symbol, FunctionDescriptor.of(ValueLayout.JAVA_INT, ValueLayout.JAVA_INT,
                    ValueLayout.ADDRESS, ValueLayout.JAVA_INT, ValueLayout.ADDRESS, ValueLayout.JAVA_INT)));

    private FolderExchange() {}

    /**
     * @param one an existing folder @param other another in the same file system
     * @throws IOException when they cannot be renamed; each then has its own name
     */
    static void exchange(Path one, Path other) throws IOException {
        if (!atOnce(one, other)) {
            byRenames(one, other);
        }
    }

    /** Whether it could be done in one call; otherwise nothing has changed. */
    static boolean atOnce(Path one, Path other) {
        if (RENAME.isEmpty()) {
            return false;
        }
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment first = arena.allocateFrom(one.toAbsolutePath().toString());
            MemorySegment second = arena.allocateFrom(other.toAbsolutePath().toString());
            return (int) RENAME.get().invokeExact(AT_FDCWD, first, AT_FDCWD, second, RENAME_EXCHANGE) == 0;
        } catch (RuntimeException | Error e) {
            throw e;
        } catch (Throwable impossible) {
            throw new AssertionError("a C function throws nothing that Java declares", impossible);
        }
    }

    static void byRenames(Path one, Path other) throws IOException {
        Path aside = one.resolveSibling("." + one.getFileName() + "." + UUID.randomUUID() + ".previous");
        Files.move(one, aside, StandardCopyOption.ATOMIC_MOVE);
        try {
            Files.move(other, one, StandardCopyOption.ATOMIC_MOVE);
        } catch (IOException e) {
            Files.move(aside, one, StandardCopyOption.ATOMIC_MOVE);
            throw e;
        }
        Files.move(aside, other, StandardCopyOption.ATOMIC_MOVE);
    }
}
