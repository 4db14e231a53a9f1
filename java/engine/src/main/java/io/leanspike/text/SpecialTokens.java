package io.leanspike.text;

import com.google.gson.JsonElement;
import com.google.gson.JsonParser;
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

    private static final String TEMPLATE = """
            {"type": "TemplateProcessing",
             "single": [{"SpecialToken": {"id": "[CLS]", "type_id": 0}},
                        {"Sequence": {"id": "A", "type_id": 0}},
                        {"SpecialToken": {"id": "[SEP]", "type_id": 0}}],
             "pair": [{"SpecialToken": {"id": "[CLS]", "type_id": 0}},
                      {"Sequence": {"id": "A", "type_id": 0}},
                      {"SpecialToken": {"id": "[SEP]", "type_id": 0}},
                      {"Sequence": {"id": "B", "type_id": 1}},
                      {"SpecialToken": {"id": "[SEP]", "type_id": 1}}],
             "special_tokens": {"[CLS]": {"id": "[CLS]", "ids": [CLS_ID], "tokens": ["[CLS]"]},
                                "[SEP]": {"id": "[SEP]", "ids": [SEP_ID], "tokens": ["[SEP]"]}}}""";

    /** The form of older files. */
    private static final String BERT_PROCESSING = """
            {"type": "BertProcessing", "sep": ["[SEP]", SEP_ID], "cls": ["[CLS]", CLS_ID]}""";

    private SpecialTokens() {}

    /** The frame as tokenizer.json's {@code post_processor}. */
    static String frame(Map<String, Integer> ids) {
        return withIds(TEMPLATE, ids);
    }

    /** Whether a {@code post_processor} of a tokenizer.json is this frame. */
    static boolean isFrame(JsonElement processor, Map<String, Integer> ids) {
        return processor.equals(JsonParser.parseString(frame(ids)))
                || processor.equals(JsonParser.parseString(withIds(BERT_PROCESSING, ids)));
    }

    private static String withIds(String frame, Map<String, Integer> ids) {
        return frame.replace("CLS_ID", ids.get(CLS).toString()).replace("SEP_ID", ids.get(SEP).toString());
    }
}
