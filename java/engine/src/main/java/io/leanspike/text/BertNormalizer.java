package io.leanspike.text;

/**
 * What BERT does to a text before it cuts it into words; fields as in tokenizer.json's {@code BertNormalizer}.
 *
 * @param cleanText drop control characters, make every white space a space
 * @param chineseApart put spaces around Chinese characters
 */
record BertNormalizer(boolean cleanText, boolean chineseApart, boolean stripAccents, boolean lowercase) {
    static final BertNormalizer UNCASED = new BertNormalizer(true, true, true, true);
}
