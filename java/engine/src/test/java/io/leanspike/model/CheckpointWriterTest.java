package io.leanspike.model;

import static io.leanspike.model.Refusal.assertRefused;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import io.leanspike.model.CheckpointWriter.Existing;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CheckpointWriterTest {
    @TempDir
    private Path folder;

    private Checkpoint source;
    private Path target;

    @BeforeEach
    void openSource() {
        source = Checkpoint.open(TinyCheckpoint.write(folder.resolve("source"), 1));
        target = folder.resolve("target");
    }

    @AfterEach
    void closeSource() {
        source.close();
    }

    @Test
    void configurationAndTokenizerAreCopiedByteForByte() throws IOException {
        Files.writeString(source.directory().resolve("tokenizer.json"), "{ }");
        CheckpointWriter.write(source, tensors(), target, Existing.REFUSE);
        for (String name : List.of("config.json", "vocab.txt", "tokenizer.json", "model.safetensors")) {
            assertArrayEquals(Files.readAllBytes(source.directory().resolve(name)), Files.readAllBytes(target.resolve(name)), name);
        }
        assertEquals(Set.of("source", "target"), names(folder));
        Checkpoint.open(target).close();
    }

    @Test
    void emptyFolderIsFilled() throws IOException {
        Files.createDirectory(target);
        CheckpointWriter.write(source, tensors(), target, Existing.REFUSE);
        Checkpoint.open(target).close();
    }

    @Test
    void folderWithContentIsRefusedAndKept() throws IOException {
        Files.createDirectory(target);
        Files.writeString(target.resolve("precious"), "");
        assertRefused(() -> CheckpointWriter.write(source, tensors(), target, Existing.REFUSE), target, "is not empty");
        assertEquals(Set.of("precious"), names(target));
        assertEquals(Set.of("source", "target"), names(folder));
    }

    @Test
    void modelFolderIsReplacedAsAWholeWhereAllowed() throws IOException {
        TinyCheckpoint.write(target, 2);
        Files.writeString(target.resolve("stale"), "");
        CheckpointWriter.write(source, tensors(), target, Existing.REPLACE);
        assertEquals(Set.of("config.json", "vocab.txt", "model.safetensors"), names(target));
        assertEquals(Set.of("source", "target"), names(folder));
    }

    @Test
    void sourceMayReplaceItself() throws IOException {
        CheckpointWriter.write(source, tensors(), source.directory(), Existing.REPLACE);
        Checkpoint.open(source.directory()).close();
        assertEquals(Set.of("source"), names(folder));
    }

    @Test
    void folderThatIsNotPlainlyAModelIsNeverReplaced() throws IOException {
        Files.createDirectory(target);
        Files.writeString(target.resolve("precious"), "");
        assertRefused(() -> CheckpointWriter.write(source, tensors(), target, Existing.REPLACE), target, "is not a model folder");
        TinyCheckpoint.write(target, 2);
        Files.createDirectory(target.resolve("inner"));
        assertRefused(() -> CheckpointWriter.write(source, tensors(), target, Existing.REPLACE), target, "is not a model folder");
        assertEquals(Set.of("precious", "inner", "config.json", "vocab.txt", "model.safetensors"), names(target));
    }

    @Test
    void aLinkToAModelStaysALink() throws IOException {
        Path real = TinyCheckpoint.write(folder.resolve("real"), 2);
        Files.createSymbolicLink(target, real);
        CheckpointWriter.write(source, tensors(), target, Existing.REPLACE);
        assertEquals(real, Files.readSymbolicLink(target));
        assertEquals(-1, Files.mismatch(source.directory().resolve("model.safetensors"), real.resolve("model.safetensors")));
        assertEquals(Set.of("source", "real", "target"), names(folder));
    }

    @Test
    void whereNoFolderCanBeMadeIsSaidBeforeTheWork() {
        assertRefused(() -> CheckpointWriter.checkTarget(folder.resolve("absent/target"), Existing.REFUSE), "absent", "does not exist");
        assertRefused(() -> CheckpointWriter.checkTarget(Path.of("/"), Existing.REPLACE), "root folder");
    }

    @Test
    void tensorsThatDoNotMakeTheModelLeaveNothingBehind() throws IOException {
        List<StoredTensor> incomplete = tensors().subList(1, tensors().size());
        assertRefused(() -> CheckpointWriter.write(source, incomplete, target, Existing.REFUSE), "is missing");
        assertEquals(Set.of("source"), names(folder));
    }

    @Test
    void targetThatCannotBeMadeIsNamed() throws IOException {
        Path file = Files.writeString(folder.resolve("file"), "");
        assertRefused(() -> CheckpointWriter.write(source, tensors(), file, Existing.REPLACE), file, "is a file");
        Path inAbsent = folder.resolve("absent/target");
        assertRefused(() -> CheckpointWriter.write(source, tensors(), inAbsent, Existing.REFUSE), inAbsent, "cannot be written");
    }

    private List<StoredTensor> tensors() {
        return source.tensors().names().stream().map(source.tensors()::tensor).toList();
    }

    private static Set<String> names(Path directory) throws IOException {
        try (Stream<Path> files = Files.list(directory)) {
            return files.map(file -> file.getFileName().toString()).collect(Collectors.toSet());
        }
    }
}
