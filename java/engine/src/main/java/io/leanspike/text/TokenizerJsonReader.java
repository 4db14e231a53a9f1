package io.leanspike.text;

import com.google.gson.JsonElement;
import com.google.gson.JsonNull;
import com.google.gson.JsonParseException;
import com.google.gson.JsonParser;
import com.google.gson.Strictness;
import com.google.gson.stream.JsonReader;
import com.google.gson.stream.JsonToken;
import io.leanspike.error.FileFailure;
import io.leanspike.error.InvalidInputException;
import io.leanspike.error.Quoted;
import java.io.IOException;
import java.io.StringReader;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Reads a tokenizer.json of the BERT kind: BertNormalizer, BertPreTokenizer, WordPiece with {@code ##} and [UNK], texts framed by
 * [CLS] and [SEP]. Its truncation and padding are not read: the model's positions decide. Any other kind is refused with the
 * reason.
 */
final class TokenizerJsonReader {
    static final int DEFAULT_LONGEST_WORD = 100;

    private final Path file;
    private final Map<String, Integer> vocabulary = new LinkedHashMap<>();
    private final List<AddedToken> addedTokens = new ArrayList<>();
    private BertNormalizer normalizer = BertNormalizer.UNCASED;
    private String normalizerType = "";
    private String preTokenizerType = "";
    private JsonElement frame = JsonNull.INSTANCE;
    private int longestWord = DEFAULT_LONGEST_WORD;

    TokenizerJsonReader(Path file) {
        this.file = file;
    }

    /** @throws InvalidInputException when the file is not such a tokenizer */
    WordPiece read() {
        try (JsonReader json = new JsonReader(new StringReader(text()))) {
            json.setStrictness(Strictness.STRICT);
            fields(json, name -> {
                switch (name) {
                    case "model" -> fields(json, field -> readModel(json, field));
                    case "added_tokens" -> readAddedTokens(json);
                    case "normalizer" -> readNormalizer(json);
                    case "pre_tokenizer" -> readPreTokenizer(json);
                    case "post_processor" -> frame = JsonParser.parseReader(json);
                    default -> json.skipValue();
                }
            });
            if (json.peek() != JsonToken.END_DOCUMENT) {
                throw invalid("text follows the JSON object");
            }
        } catch (IOException | IllegalStateException | NumberFormatException | JsonParseException e) {
            throw new InvalidInputException("%s: is not a tokenizer.json: %s".formatted(file, Quoted.of(e.getMessage())), e);
        }
        requireBert();
        return new WordPiece(file, vocabulary, addedTokens, normalizer, longestWord);
    }

    private String text() {
        try {
            return StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(Files.readAllBytes(file))).toString();
        } catch (CharacterCodingException e) {
            throw new InvalidInputException(file + ": is not valid UTF-8", e);
        } catch (IOException e) {
            throw new InvalidInputException("%s: cannot be read: %s".formatted(file, FileFailure.words(e)), e);
        }
    }

    private void readModel(JsonReader json, String field) throws IOException {
        switch (field) {
            case "type" -> require("model type", json.nextString(), "WordPiece");
            case "unk_token" -> require("unknown token", json.nextString(), SpecialTokens.UNKNOWN);
            case "continuing_subword_prefix" -> require("subword prefix", json.nextString(), "##");
            case "max_input_chars_per_word" -> {
                longestWord = json.nextInt();
                if (longestWord < 1) {
                    throw invalid("max_input_chars_per_word is %d, but must be at least 1".formatted(longestWord));
                }
            }
            case "vocab" -> fields(json, token -> {
                int id = json.nextInt();
                if (id < 0 || vocabulary.put(token, id) != null) {
                    throw invalid("token %s has a negative id or appears twice".formatted(Quoted.of(token)));
                }
            });
            default -> json.skipValue();
        }
    }

    private void readAddedTokens(JsonReader json) throws IOException {
        json.beginArray();
        while (json.hasNext()) {
            String[] content = {""};
            int[] id = {-1};
            Map<String, Boolean> flags = new LinkedHashMap<>();
            fields(json, field -> {
                switch (field) {
                    case "content" -> content[0] = json.nextString();
                    case "id" -> id[0] = json.nextInt();
                    case "single_word", "lstrip", "rstrip", "normalized", "special" -> flags.put(field, json.nextBoolean());
                    default -> json.skipValue();
                }
            });
            boolean special = flags.getOrDefault("special", false);
            addedTokens.add(new AddedToken(content[0], id[0], flags.getOrDefault("single_word", false),
                    flags.getOrDefault("lstrip", false), flags.getOrDefault("rstrip", false),
                    flags.getOrDefault("normalized", !special), special));
        }
        json.endArray();
    }

    private void readNormalizer(JsonReader json) throws IOException {
        Map<String, Boolean> flags = new LinkedHashMap<>();
        fields(json, field -> {
            if (field.equals("type")) {
                normalizerType = json.nextString();
            } else if (json.peek() == JsonToken.BOOLEAN) {
                flags.put(field, json.nextBoolean());
            } else {
                json.skipValue();
            }
        });
        boolean lowercase = flags.getOrDefault("lowercase", true);
        // Without a word on accents, BERT strips them where it lowers the case.
        normalizer = new BertNormalizer(flags.getOrDefault("clean_text", true), flags.getOrDefault("handle_chinese_chars", true),
                flags.getOrDefault("strip_accents", lowercase), lowercase);
    }

    private void readPreTokenizer(JsonReader json) throws IOException {
        fields(json, field -> {
            if (field.equals("type")) {
                preTokenizerType = json.nextString();
            } else {
                json.skipValue();
            }
        });
    }

    private void requireBert() {
        require("normalizer", normalizerType, "BertNormalizer");
        require("pre_tokenizer", preTokenizerType, "BertPreTokenizer");
        WordPiece.requireSpecialTokens(file, vocabulary);
        if (!SpecialTokens.isFrame(frame, vocabulary)) {
            throw invalid("post_processor does not frame texts as [CLS] a [SEP] b [SEP] with type ids 0 and 1: "
                    + Quoted.of(frame));
        }
        int next = vocabulary.size();
        for (AddedToken token : addedTokens) {
            // The native tokenizer numbers tokens that the vocabulary lacks by itself: the file must agree with it.
            int id = vocabulary.getOrDefault(token.content(), next);
            if (token.content().isEmpty() || token.id() != id) {
                throw invalid("added token %s has id %d, but %d is expected".formatted(Quoted.of(token.content()), token.id(), id));
            }
            next = Math.max(next, id + 1);
        }
    }

    private void require(String what, String found, String expected) {
        if (!found.equals(expected)) {
            throw invalid("the %s is %s, but a BERT tokenizer has %s".formatted(what, Quoted.of(found), expected));
        }
    }

    private InvalidInputException invalid(String cause) {
        return new InvalidInputException(file + ": " + cause);
    }

    /** What is done with the value of a field. */
    private interface FieldReader {
        void read(String name) throws IOException;
    }

    private static void fields(JsonReader json, FieldReader field) throws IOException {
        json.beginObject();
        while (json.hasNext()) {
            field.read(json.nextName());
        }
        json.endObject();
    }
}
