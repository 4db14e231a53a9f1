package io.leanspike.text;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import java.util.List;
import java.util.Map;

/** BERT's special tokens, and how they frame texts: {@code [CLS] a [SEP] b [SEP]} with type ids 0 and 1. */
final class SpecialTokens {
    static final String CLS = "[CLS]";
    static final String SEP = "[SEP]";
    static final String UNKNOWN = "[UNK]";
    /** Tokens that every BERT vocabulary has. */
    static final List<String> NEEDED = List.of("[PAD]", UNKNOWN, CLS, SEP);
    /** Tokens that stay whole where a text spells them out. */
    static final List<String> WHOLE = List.of("[PAD]", UNKNOWN, CLS, SEP, "[MASK]");

    private SpecialTokens() {}

    /** The frame as tokenizer.json's {@code TemplateProcessing}. */
    static JsonObject template(Map<String, Integer> ids) {
        JsonArray single = new JsonArray();
        single.add(piece("SpecialToken", CLS, 0));
        single.add(piece("Sequence", "A", 0));
        single.add(piece("SpecialToken", SEP, 0));
        JsonArray pair = single.deepCopy();
        pair.add(piece("Sequence", "B", 1));
        pair.add(piece("SpecialToken", SEP, 1));
        JsonObject tokens = new JsonObject();
        for (String token : List.of(CLS, SEP)) {
            JsonObject entry = new JsonObject();
            entry.addProperty("id", token);
            entry.add("ids", array(ids.get(token)));
            JsonArray names = new JsonArray();
            names.add(token);
            entry.add("tokens", names);
            tokens.add(token, entry);
        }
        JsonObject template = new JsonObject();
        template.addProperty("type", "TemplateProcessing");
        template.add("single", single);
        template.add("pair", pair);
        template.add("special_tokens", tokens);
        return template;
    }

    /** Whether a {@code post_processor} of tokenizer.json frames texts so; {@code BertProcessing} is the same in older files. */
    static boolean isFrame(JsonElement processor, Map<String, Integer> ids) {
        JsonObject bert = new JsonObject();
        bert.addProperty("type", "BertProcessing");
        for (Map.Entry<String, String> end : Map.of("cls", CLS, "sep", SEP).entrySet()) {
            JsonArray token = new JsonArray();
            token.add(end.getValue());
            token.add(ids.get(end.getValue()));
            bert.add(end.getKey(), token);
        }
        return processor.equals(bert) || processor.equals(template(ids));
    }

    private static JsonObject piece(String kind, String id, int type) {
        JsonObject fields = new JsonObject();
        fields.addProperty("id", id);
        fields.addProperty("type_id", type);
        JsonObject piece = new JsonObject();
        piece.add(kind, fields);
        return piece;
    }

    private static JsonArray array(int value) {
        JsonArray array = new JsonArray();
        array.add(value);
        return array;
    }
}
