package io.leanspike.text;

import java.util.Map;

/**
 * Writes the text of a tokenizer.json. By hand: every command waits for it, and a JSON writer takes four times as long when cold.
 */
final class TokenizerJson {
    private final StringBuilder text;

    private TokenizerJson(int capacity) {
        text = new StringBuilder(capacity);
    }

    static String of(WordPiece words) {
        TokenizerJson json = new TokenizerJson(24 * words.vocabulary().size() + 4096);
        json.write(words);
        return json.text.toString();
    }

    private void write(WordPiece words) {
        text.append("{\"version\":\"1.0\",\"added_tokens\":[");
        String separator = "";
        for (AddedToken token : words.addedTokens()) {
            text.append(separator).append("{\"id\":").append(token.id()).append(",\"content\":");
            quoted(token.content());
            flag("single_word", token.singleWord());
            flag("lstrip", token.leftStrip());
            flag("rstrip", token.rightStrip());
            flag("normalized", token.normalized());
            flag("special", token.special());
            text.append('}');
            separator = ",";
        }
        text.append("],\"normalizer\":{\"type\":\"BertNormalizer\"");
        flag("clean_text", words.normalizer().cleanText());
        flag("handle_chinese_chars", words.normalizer().chineseApart());
        flag("strip_accents", words.normalizer().stripAccents());
        flag("lowercase", words.normalizer().lowercase());
        text.append("},\"pre_tokenizer\":{\"type\":\"BertPreTokenizer\"},\"post_processor\":");
        text.append(SpecialTokens.frame(words.vocabulary()));
        text.append(",\"model\":{\"type\":\"WordPiece\",\"unk_token\":");
        quoted(SpecialTokens.UNKNOWN);
        text.append(",\"continuing_subword_prefix\":\"##\",\"max_input_chars_per_word\":").append(words.longestWord());
        text.append(",\"vocab\":{");
        separator = "";
        for (Map.Entry<String, Integer> token : words.vocabulary().entrySet()) {
            text.append(separator);
            quoted(token.getKey());
            text.append(':').append(token.getValue().intValue());
            separator = ",";
        }
        text.append("}}}");
    }

    private void flag(String name, boolean value) {
        text.append(",\"").append(name).append("\":").append(value);
    }

    private void quoted(String value) {
        text.append('"');
        for (int i = 0; i < value.length(); i++) {
            char c = value.charAt(i);
            if (c == '"' || c == '\\') {
                text.append('\\').append(c);
            } else if (c < ' ') {
                text.append(c < 0x10 ? "\\u000" : "\\u00").append(Integer.toHexString(c));
            } else {
                text.append(c);
            }
        }
        text.append('"');
    }
}
