package io.leanspike.train.pretrained;

import io.leanspike.error.FileFailure;
import io.leanspike.error.InvalidInputException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/** Where a pretrained encoder comes from, as a user writes it. */
public final class PretrainedSource {
    private PretrainedSource() {}

    /**
     * Reads an encoder.
     *
     * @param name {@code minilm}, {@code bge-small} or {@code e5-small} (inside jars on the class path), a folder in Hugging
     *     Face's layout, or an ONNX file with its tokenizer.json or vocab.txt beside it
     * @throws InvalidInputException when there is no such source, or it is no BERT encoder
     */
    public static PretrainedEncoder read(String name) {
        Optional<BundledEncoder> bundled = BundledEncoder.find(name);
        if (bundled.isPresent()) {
            return bundled.get().read();
        }
        Path path = Path.of(name);
        if (Files.isDirectory(path)) {
            return HuggingFaceEncoder.read(path);
        }
        if (Files.isRegularFile(path)) {
            try {
                return OnnxEncoder.read(name, ByteBuffer.wrap(Files.readAllBytes(path)),
                        Vocabulary.ofFolder(path.toAbsolutePath().getParent()));
            } catch (IOException e) {
                throw new InvalidInputException("%s cannot be read: %s".formatted(name, FileFailure.words(e)), e);
            }
        }
        throw new InvalidInputException(
                "%s: no such pretrained encoder; name minilm, bge-small, e5-small, a folder in Hugging Face's layout or an ONNX file"
                .formatted(name));
    }

    /**
     * Word pieces by id of a model folder.
     *
     * @throws InvalidInputException when the folder has no vocabulary
     */
    public static List<String> vocabulary(Path folder) {
        return Vocabulary.ofFolder(folder);
    }
}
