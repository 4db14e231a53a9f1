package io.leanspike;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.classfile.ClassFile;
import java.lang.classfile.ClassModel;
import java.lang.classfile.constantpool.ClassEntry;
import java.lang.classfile.constantpool.PoolEntry;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** The engine is built from the ground up: a package uses only packages listed before it. */
class RoomsTest {
    private static final String ROOT = "io/leanspike/";
    /** From the ground up; the empty name is the public API. A backend's own package uses the ground it stands on, and nobody below it. */
    private static final List<String> ROOMS = List.of("error", "tensor", "model", "account", "backend", "backend/reference",
            "backend/cpu/bindings", "backend/cpu", "backend/cuda", "schedule", "text", "eval", "compress", "compress/search", "");
    private static final Set<String> BACKENDS = Set.of("backend/reference", "backend/cpu/bindings", "backend/cpu", "backend/cuda");

    @Test
    void everyPackageUsesOnlyPackagesBelowIt() throws IOException, URISyntaxException {
        Path classes = Path.of(SpikingModel.class.getProtectionDomain().getCodeSource().getLocation().toURI());
        Set<String> wrong = new TreeSet<>();
        Set<String> seen = new TreeSet<>();
        try (Stream<Path> files = Files.walk(classes)) {
            files.filter(file -> file.toString().endsWith(".class")).forEach(file -> {
                ClassModel model = parse(file);
                String user = room(model.thisClass().asInternalName());
                seen.add(user);
                for (PoolEntry entry : model.constantPool()) {
                    if (entry instanceof ClassEntry used && used.asInternalName().startsWith(ROOT)
                            && !allowed(user, room(used.asInternalName()))) {
                        wrong.add(model.thisClass().asInternalName() + " uses " + used.asInternalName());
                    }
                }
            });
        }
        assertEquals(Set.of(), wrong);
        assertTrue(ROOMS.containsAll(seen), "a package without a place in the order: " + seen);
    }

    private static boolean allowed(String user, String used) {
        if (user.equals(used)) {
            return true;
        }
        boolean below = ROOMS.indexOf(used) < ROOMS.indexOf(user);
        // One backend never uses another, and only the public API picks one.
        boolean foreignBackend = BACKENDS.contains(used) && !user.isEmpty() && !used.startsWith(user + "/");
        return below && !foreignBackend;
    }

    private static String room(String internalName) {
        String inside = internalName.substring(ROOT.length());
        int slash = inside.lastIndexOf('/');
        return slash < 0 ? "" : inside.substring(0, slash);
    }

    private static ClassModel parse(Path file) {
        try {
            return ClassFile.of().parse(file);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
