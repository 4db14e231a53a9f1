package io.leanspike.train.pretrained;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParseException;
import com.google.gson.JsonParser;
import io.leanspike.error.FileFailure;
import io.leanspike.error.InvalidInputException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** Word pieces by id, out of a tokenizer.json or a vocab.txt. */
final class Vocabulary {
    private Vocabulary() {}

    /** @throws InvalidInputException when the folder has neither file, or it cannot be read */
    static List<String> ofFolder(Path folder) {
        Path text = folder.resolve("vocab.txt");
        Path json = folder.resolve("tokenizer.json");
        try {
            if (Files.exists(text)) {
                return Files.readAllLines(text);
            }
            if (Files.exists(json)) {
                return ofJson(json.toString(), Files.readString(json));
            }
        } catch (IOException e) {
            throw new InvalidInputException("%s: the vocabulary cannot be read: %s".formatted(folder, FileFailure.words(e)), e);
        }
        throw new InvalidInputException(folder + ": no vocabulary: neither tokenizer.json nor vocab.txt is in this folder");
    }

    /** @throws InvalidInputException when the text is no WordPiece tokenizer.json, or is not uncased */
    static List<String> ofJson(String source, String text) {
        Map<Integer, String> pieces = new TreeMap<>();
        try {
            JsonObject tokenizer = JsonParser.parseString(text).getAsJsonObject();
            JsonElement lower = tokenizer.getAsJsonObject("normalizer").get("lowercase");
            if (lower == null || !lower.getAsBoolean()) {
                throw new InvalidInputException(source + ": the tokenizer is cased; only BERT uncased is supported");
            }
            tokenizer.getAsJsonObject("model").getAsJsonObject("vocab").entrySet()
                    .forEach(piece -> pieces.put(piece.getValue().getAsInt(), piece.getKey()));
        } catch (JsonParseException | IllegalStateException | NullPointerException e) {
            throw new InvalidInputException("%s: not a WordPiece tokenizer: %s".formatted(source, e), e);
        }
        List<String> byId = new ArrayList<>(pieces.values());
        if (pieces.isEmpty() || !pieces.containsKey(byId.size() - 1)) {
            throw new InvalidInputException(source + ": the ids of the word pieces do not run from 0 without a gap");
        }
        return byId;
    }
}
