package io.leanspike.text;

import com.google.gson.Strictness;
import com.google.gson.stream.JsonReader;
import com.google.gson.stream.JsonToken;
import io.leanspike.error.InvalidInputException;
import java.io.IOException;
import java.io.StringReader;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * A model's tokenizer as the text of a tokenizer.json, checked against the model.
 *
 * @param file tokenizer.json, or the vocab.txt that the text was made from
 * @param ids id of each token
 */
record TokenizerFile(Path file, String json, Map<String, Integer> ids) {
    static final String CLS = "[CLS]";
    static final String SEP = "[SEP]";
    private static final List<String> NEEDED = List.of(CLS, SEP, "[UNK]", "[PAD]");

    /** @throws InvalidInputException when the folder has no usable tokenizer for a table of {@code vocabularySize} rows */
    static TokenizerFile read(Path modelDirectory, int vocabularySize) {
        Path json = modelDirectory.resolve("tokenizer.json");
        Path vocabulary = modelDirectory.resolve("vocab.txt");
        if (Files.exists(json)) {
            return fromJson(json, vocabularySize);
        }
        if (Files.exists(vocabulary)) {
            WordPieceVocabulary words = WordPieceVocabulary.read(vocabulary);
            requireFit(vocabulary, words.ids(), vocabularySize);
            return new TokenizerFile(vocabulary, words.toTokenizerJson(), words.ids());
        }
        throw new InvalidInputException(
                "%s: no tokenizer: neither tokenizer.json nor vocab.txt is in this folder".formatted(modelDirectory));
    }

    private static TokenizerFile fromJson(Path file, int vocabularySize) {
        String json;
        try {
            json = StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(Files.readAllBytes(file))).toString();
        } catch (CharacterCodingException e) {
            throw new InvalidInputException(file + ": is not valid UTF-8", e);
        } catch (IOException e) {
            throw new InvalidInputException("%s: cannot be read: %s".formatted(file, e), e);
        }
        Map<String, Integer> ids = new HashMap<>();
        try (JsonReader reader = new JsonReader(new StringReader(json))) {
            reader.setStrictness(Strictness.STRICT);
            reader.beginObject();
            while (reader.hasNext()) {
                switch (reader.nextName()) {
                    case "model" -> readModel(file, reader, ids);
                    case "added_tokens" -> readAddedTokens(reader, ids);
                    default -> reader.skipValue();
                }
            }
            reader.endObject();
        } catch (IOException | IllegalStateException | NumberFormatException e) {
            throw new InvalidInputException("%s: is not a tokenizer.json: %s".formatted(file, e.getMessage()), e);
        }
        requireFit(file, ids, vocabularySize);
        return new TokenizerFile(file, json, ids);
    }

    private static void readModel(Path file, JsonReader reader, Map<String, Integer> ids) throws IOException {
        reader.beginObject();
        while (reader.hasNext()) {
            switch (reader.nextName()) {
                case "type" -> {
                    String type = reader.nextString();
                    if (!type.equals("WordPiece")) {
                        throw new InvalidInputException(
                                "%s: the tokenizer is of type %s, but spiking BERT models read WordPiece".formatted(file, type));
                    }
                }
                case "vocab" -> {
                    reader.beginObject();
                    while (reader.hasNext()) {
                        ids.put(reader.nextName(), reader.nextInt());
                    }
                    reader.endObject();
                }
                default -> reader.skipValue();
            }
        }
        reader.endObject();
    }

    private static void readAddedTokens(JsonReader reader, Map<String, Integer> ids) throws IOException {
        if (reader.peek() == JsonToken.NULL) {
            reader.skipValue();
            return;
        }
        reader.beginArray();
        while (reader.hasNext()) {
            String content = "";
            int id = 0;
            reader.beginObject();
            while (reader.hasNext()) {
                switch (reader.nextName()) {
                    case "content" -> content = reader.nextString();
                    case "id" -> id = reader.nextInt();
                    default -> reader.skipValue();
                }
            }
            reader.endObject();
            ids.put(content, id);
        }
        reader.endArray();
    }

    private static void requireFit(Path file, Map<String, Integer> ids, int vocabularySize) {
        if (ids.isEmpty()) {
            throw new InvalidInputException(file + ": the vocabulary is empty");
        }
        for (String token : NEEDED) {
            if (!ids.containsKey(token)) {
                throw new InvalidInputException("%s: the vocabulary of %d tokens lacks %s, which BERT models need"
                        .formatted(file, ids.size(), token));
            }
        }
        for (Map.Entry<String, Integer> token : ids.entrySet()) {
            if (token.getValue() < 0 || token.getValue() >= vocabularySize) {
                int highest = ids.values().stream().mapToInt(Integer::intValue).max().orElseThrow();
                throw new InvalidInputException(
                        ("%s: token '%s' has id %d (ids run to %d), but the model's word embedding has %d rows; "
                                        + "the tokenizer belongs to another model")
                                .formatted(file, token.getKey(), token.getValue(), highest, vocabularySize));
            }
        }
    }
}
