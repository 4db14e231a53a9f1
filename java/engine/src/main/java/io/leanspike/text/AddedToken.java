package io.leanspike.text;

/** A token that is cut out of a text before WordPiece sees the rest; fields as in tokenizer.json's {@code added_tokens}. */
record AddedToken(
        String content, int id, boolean singleWord, boolean leftStrip, boolean rightStrip, boolean normalized, boolean special) {

    static AddedToken special(String content, int id) {
        return new AddedToken(content, id, false, false, false, false, true);
    }
}
