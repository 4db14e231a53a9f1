package io.leanspike.text;

import com.google.gson.stream.JsonWriter;
import io.leanspike.error.InvalidInputException;
import java.io.IOException;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * The tokens of a vocab.txt: one a line, its id the line's number from 0.
 *
 * @param file where it was read
 * @param ids id of each token, in rising order
 */
record WordPieceVocabulary(Path file, Map<String, Integer> ids) {
    private static final List<String> SPECIAL = List.of("[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]");

    /** @throws InvalidInputException when the file is empty, not UTF-8, or has an empty or repeated line */
    static WordPieceVocabulary read(Path file) {
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
                    throw new InvalidInputException("%s:%d: token '%s' already stands in line %d; a token has one id"
                            .formatted(file, lines.number(), token, earlier + 1));
                }
            }
        }
        if (ids.isEmpty()) {
            throw new InvalidInputException(file + ": the vocabulary is empty");
        }
        return new WordPieceVocabulary(file, ids);
    }

    /** The tokenizer.json of BERT uncased over these tokens. */
    String toTokenizerJson() {
        StringWriter text = new StringWriter(ids.size() * 24);
        try (JsonWriter json = new JsonWriter(text)) {
            json.beginObject().name("version").value("1.0");
            json.name("truncation").nullValue().name("padding").nullValue();
            writeAddedTokens(json);
            json.name("normalizer").beginObject().name("type").value("BertNormalizer");
            json.name("clean_text").value(true).name("handle_chinese_chars").value(true);
            json.name("strip_accents").value(true).name("lowercase").value(true).endObject();
            json.name("pre_tokenizer").beginObject().name("type").value("BertPreTokenizer").endObject();
            writeTemplate(json);
            json.name("decoder").nullValue();
            json.name("model").beginObject().name("type").value("WordPiece").name("unk_token").value("[UNK]");
            json.name("continuing_subword_prefix").value("##").name("max_input_chars_per_word").value(100);
            json.name("vocab").beginObject();
            for (Map.Entry<String, Integer> token : ids.entrySet()) {
                json.name(token.getKey()).value(token.getValue());
            }
            json.endObject().endObject().endObject();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return text.toString();
    }

    private void writeAddedTokens(JsonWriter json) throws IOException {
        json.name("added_tokens").beginArray();
        for (String token : SPECIAL) {
            if (ids.containsKey(token)) {
                json.beginObject().name("id").value(ids.get(token)).name("content").value(token);
                json.name("single_word").value(false).name("lstrip").value(false).name("rstrip").value(false);
                json.name("normalized").value(false).name("special").value(true).endObject();
            }
        }
        json.endArray();
    }

    private void writeTemplate(JsonWriter json) throws IOException {
        json.name("post_processor").beginObject().name("type").value("TemplateProcessing");
        json.name("single").beginArray();
        piece(json, "SpecialToken", "[CLS]", 0);
        piece(json, "Sequence", "A", 0);
        piece(json, "SpecialToken", "[SEP]", 0);
        json.endArray().name("pair").beginArray();
        piece(json, "SpecialToken", "[CLS]", 0);
        piece(json, "Sequence", "A", 0);
        piece(json, "SpecialToken", "[SEP]", 0);
        piece(json, "Sequence", "B", 1);
        piece(json, "SpecialToken", "[SEP]", 1);
        json.endArray().name("special_tokens").beginObject();
        for (String token : List.of("[CLS]", "[SEP]")) {
            json.name(token).beginObject().name("id").value(token);
            json.name("ids").beginArray().value(ids.get(token)).endArray();
            json.name("tokens").beginArray().value(token).endArray().endObject();
        }
        json.endObject().endObject();
    }

    private static void piece(JsonWriter json, String kind, String id, int type) throws IOException {
        json.beginObject().name(kind).beginObject().name("id").value(id).name("type_id").value(type).endObject().endObject();
    }
}
