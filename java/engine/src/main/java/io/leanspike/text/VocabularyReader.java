package io.leanspike.text;

import io.leanspike.error.InvalidInputException;
import io.leanspike.error.Quoted;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Reads vocab.txt, one token a line, its id the line's number from 0, as the vocabulary of BERT uncased. */
final class VocabularyReader {
    private VocabularyReader() {}

    /** @throws InvalidInputException when the file is empty, not UTF-8, has an empty or repeated line, or lacks a special token */
    static WordPiece read(Path file) {
        Map<String, Integer> ids = new LinkedHashMap<>();
        try (Utf8Lines lines = new Utf8Lines(file)) {
            while (lines.advance()) {
                String token = lines.line();
                if (token.isEmpty()) {
                    throw new InvalidInputException("%s:%d: the line is empty; a vocabulary has one token a line"
                            .formatted(file, lines.number()));
                }
                Integer earlier = ids.put(token, lines.number() - 1);
                if (earlier != null) {
                    throw new InvalidInputException("%s:%d: token %s already stands in line %d; a token has one id"
                            .formatted(file, lines.number(), Quoted.of(token), earlier + 1));
                }
            }
        }
        WordPiece.requireSpecialTokens(file, ids);
        List<AddedToken> whole = SpecialTokens.WHOLE.stream()
                .filter(ids::containsKey).map(token -> AddedToken.special(token, ids.get(token))).toList();
        return new WordPiece(file, ids, whole, BertNormalizer.UNCASED, TokenizerJsonReader.DEFAULT_LONGEST_WORD);
    }
}
