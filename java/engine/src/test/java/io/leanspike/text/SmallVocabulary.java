package io.leanspike.text;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;

/** A vocabulary small enough to work out ids by hand: the id of a token is its index. */
final class SmallVocabulary {
    static final List<String> TOKENS = List.of("[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", "a", "b", "c",
            "resume", "naive", "play", "##ing", "##s", "##ed", "1", "##2", "中", "国", "!", ",", "[", "]");

    private SmallVocabulary() {}

    static void write(Path directory) {
        try {
            Files.write(directory.resolve("vocab.txt"), TOKENS);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    static Tokenizer open(Path directory, int maxPositions) {
        write(directory);
        return Tokenizer.open(directory, maxPositions, TOKENS.size());
    }

    /** Ids of tokens separated by blanks. */
    static int[] ids(String tokens) {
        return Arrays.stream(tokens.split(" ")).mapToInt(TOKENS::indexOf).toArray();
    }
}
