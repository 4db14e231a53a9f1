package io.leanspike.text;

/** Text taken from a file, made fit to stand in an error message: quoted, shortened, without control characters. */
final class Quoted {
    private static final int LONGEST = 120;

    private Quoted() {}

    static String of(Object text) {
        String whole = text.toString();
        StringBuilder quoted = new StringBuilder("'");
        whole.chars().limit(LONGEST).forEach(c -> {
            if (Character.isISOControl(c) || Character.isSurrogate((char) c)) {
                quoted.append("\\u%04x".formatted(c));
            } else {
                quoted.append((char) c);
            }
        });
        return quoted.append(whole.length() > LONGEST ? "...'" : "'").toString();
    }
}
