package io.leanspike.error;

/** Text taken from a file, made fit to stand in an error message: quoted, shortened, without control characters. */
public final class Quoted {
    private static final int LONGEST = 120;

    private Quoted() {}

    /** The value's text form in single quotes, cut to {@value #LONGEST} characters. */
    public static String of(Object value) {
        String text = value.toString();
        StringBuilder quoted = new StringBuilder("'");
        text.chars().limit(LONGEST).forEach(c -> {
            if (Character.isISOControl(c) || Character.isSurrogate((char) c)) {
                quoted.append("\\u%04x".formatted(c));
            } else {
                quoted.append((char) c);
            }
        });
        return quoted.append(text.length() > LONGEST ? "...'" : "'").toString();
    }
}
