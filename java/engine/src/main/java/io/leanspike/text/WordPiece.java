package io.leanspike.text;

import io.leanspike.error.InvalidInputException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/**
 * A BERT tokenizer, read and checked. The native tokenizer ends the process on some broken tokenizer.json files, so it is given
 * only the text that {@link TokenizerJson} writes, never a user's file.
 *
 * @param file where it was read
 * @param vocabulary id of each WordPiece token
 * @param longestWord characters; a longer word becomes [UNK]
 */
record WordPiece(
        Path file, Map<String, Integer> vocabulary, List<AddedToken> addedTokens, BertNormalizer normalizer, int longestWord) {

    /**
     * Reads the tokenizer in a model's folder.
     *
     * @param vocabularySize rows of the model's word embedding table
     * @throws InvalidInputException when the folder has no tokenizer, or it is broken or does not fit the model
     */
    static WordPiece read(Path modelDirectory, int vocabularySize) {
        Path json = modelDirectory.resolve("tokenizer.json");
        Path vocabulary = modelDirectory.resolve("vocab.txt");
        WordPiece read;
        if (Files.exists(json)) {
            read = new TokenizerJsonReader(json).read();
        } else if (Files.exists(vocabulary)) {
            read = VocabularyReader.read(vocabulary);
        } else {
            throw new InvalidInputException(
                    "%s: no tokenizer: neither tokenizer.json nor vocab.txt is in this folder".formatted(modelDirectory));
        }
        read.requireRows(vocabularySize);
        return read;
    }

    /** @throws InvalidInputException when a token that BERT needs is missing */
    static void requireSpecialTokens(Path file, Map<String, Integer> vocabulary) {
        if (vocabulary.isEmpty()) {
            throw new InvalidInputException(file + ": the vocabulary is empty");
        }
        for (String token : SpecialTokens.NEEDED) {
            if (!vocabulary.containsKey(token)) {
                throw new InvalidInputException("%s: the vocabulary of %d tokens lacks %s, which BERT models need"
                        .formatted(file, vocabulary.size(), token));
            }
        }
    }

    private void requireRows(int vocabularySize) {
        int highest = 0;
        for (int id : vocabulary.values()) {
            highest = Math.max(highest, id);
        }
        for (AddedToken token : addedTokens) {
            highest = Math.max(highest, token.id());
        }
        if (highest >= vocabularySize) {
            throw new InvalidInputException(
                    "%s: token ids run to %d, but the model's word embedding has %d rows; the tokenizer belongs to another model"
                            .formatted(file, highest, vocabularySize));
        }
    }
}
