package io.leanspike.train.data;

import com.google.gson.JsonObject;
import io.leanspike.error.FileFailure;
import io.leanspike.error.InvalidInputException;
import io.leanspike.model.Checkpoint;
import io.leanspike.model.SafetensorsWriter;
import io.leanspike.model.StoredTensor;
import io.leanspike.model.TensorNames;
import io.leanspike.text.Encoding;
import io.leanspike.text.TextInput;
import io.leanspike.text.Tokenizer;
import io.leanspike.text.Utf8Lines;
import io.leanspike.train.pretrained.PretrainedSource;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import java.util.stream.Stream;

/**
 * Makes a model smaller by leaving word pieces out. Kept are those that given texts are made of, all single characters (so that any
 * text can still be written in pieces), and the special tokens. The given texts keep their tokens: the longest known piece of a
 * word stays known.
 */
public final class VocabularyTrim {
    private static final int LINES_AT_A_TIME = 4096;
    private static final String CONTINUED = "##";

    private VocabularyTrim() {}

    /**
     * Writes the smaller model, complete or not at all.
     *
     * @param texts one text a line
     * @param leastUses pieces that occur less often in the texts are left out
     * @return word pieces kept
     * @throws InvalidInputException when a file cannot be read, or the target exists or cannot be written
     */
    public static int write(Path model, List<Path> texts, int leastUses, Path target) {
        if (Files.exists(target)) {
            throw new InvalidInputException(target + " exists; name a new folder");
        }
        List<String> pieces = PretrainedSource.vocabulary(model);
        try (Checkpoint checkpoint = Checkpoint.open(model);
                Tokenizer tokenizer = Tokenizer.open(model, checkpoint.config().maxPositions(), checkpoint.config().vocabularySize())) {
            BitSet kept = kept(pieces, uses(tokenizer, texts, pieces.size()), leastUses);
            JsonObject config = checkpoint.configJson();
            config.addProperty("vocab_size", kept.cardinality());
            Path place = target.toAbsolutePath().normalize();
            Path temporary = place.resolveSibling("." + place.getFileName() + "." + UUID.randomUUID() + ".tmp");
            try {
                ModelFiles.write(temporary, config, kept.stream().mapToObj(pieces::get).toList());
                SafetensorsWriter.write(
                        temporary.resolve(Checkpoint.WEIGHTS_FILE), tensors(checkpoint, kept), checkpoint.tensors().metadata());
                Files.move(temporary, place, StandardCopyOption.ATOMIC_MOVE);
            } finally {
                remove(temporary);
            }
            return kept.cardinality();
        } catch (IOException e) {
            throw new InvalidInputException("%s cannot be written: %s".formatted(target, FileFailure.words(e)), e);
        }
    }

    /** What a full disk, say, has left. */
    private static void remove(Path folder) throws IOException {
        if (Files.exists(folder)) {
            try (Stream<Path> files = Files.list(folder)) {
                for (Path file : files.toList()) {
                    Files.delete(file);
                }
            }
            Files.delete(folder);
        }
    }

    private static int[] uses(Tokenizer tokenizer, List<Path> texts, int pieces) {
        int[] uses = new int[pieces];
        for (Path text : texts) {
            try (Utf8Lines lines = new Utf8Lines(text)) {
                List<TextInput> part = new ArrayList<>();
                while (lines.advance()) {
                    part.add(TextInput.of(lines.line()));
                    if (part.size() == LINES_AT_A_TIME) {
                        count(tokenizer.encode(part), uses);
                        part.clear();
                    }
                }
                count(tokenizer.encode(part), uses);
            }
        }
        return uses;
    }

    private static void count(List<Encoding> encodings, int[] uses) {
        for (Encoding encoding : encodings) {
            for (int id : encoding.wordIds()) {
                uses[id]++;
            }
        }
    }

    private static BitSet kept(List<String> pieces, int[] uses, int leastUses) {
        BitSet kept = new BitSet();
        for (int id = 0; id < pieces.size(); id++) {
            String piece = pieces.get(id);
            String letters = piece.startsWith(CONTINUED) ? piece.substring(CONTINUED.length()) : piece;
            boolean isSpecial = Set.of("[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]").contains(piece);
            boolean isCharacter = letters.codePointCount(0, letters.length()) == 1;
            if (uses[id] >= leastUses || isSpecial || isCharacter) {
                kept.set(id);
            }
        }
        return kept;
    }

    private static List<StoredTensor> tensors(Checkpoint checkpoint, BitSet kept) {
        String words = TensorNames.of(checkpoint.tensors()).wordEmbeddings();
        List<StoredTensor> tensors = new ArrayList<>();
        for (String name : checkpoint.tensors().names()) {
            StoredTensor tensor = checkpoint.tensors().tensor(name);
            boolean hasWords = name.equals(words) || name.equals(TensorNames.scales(words));
            tensors.add(hasWords ? rows(tensor, kept) : tensor);
        }
        return tensors;
    }

    private static StoredTensor rows(StoredTensor table, BitSet kept) {
        long row = table.data().byteSize() / table.shape().getFirst();
        MemorySegment data = MemorySegment.ofArray(new byte[Math.toIntExact(row * kept.cardinality())]);
        int to = 0;
        for (int from = kept.nextSetBit(0); from >= 0; from = kept.nextSetBit(from + 1)) {
            MemorySegment.copy(table.data(), from * row, data, to++ * row, row);
        }
        List<Long> shape = new ArrayList<>(table.shape());
        shape.set(0, (long) kept.cardinality());
        return new StoredTensor(table.name(), table.type(), shape, data);
    }
}
