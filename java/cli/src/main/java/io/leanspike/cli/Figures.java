package io.leanspike.cli;

import java.util.Locale;

/** Numbers as people read them: three digits and a unit. */
final class Figures {
    private static final String[] LARGE = {"", " k", " M", " G", " T", " P", " E"};
    private static final String[] SMALL = {" ", " m", " u", " n", " p", " f"};

    private Figures() {}

    /** 1234567 is {@code 1.23 M}. */
    static String count(double value) {
        int power = 0;
        while (value >= 999.5 && power < LARGE.length - 1) {
            value /= 1000;
            power++;
        }
        return power == 0 && value == Math.rint(value) ? "%.0f".formatted(value) : threeDigits(value) + LARGE[power];
    }

    /** 5800000 is {@code 5.80 MB}. */
    static String bytes(long value) {
        String text = count(value);
        return text.contains(" ") ? text + "B" : text + " B";
    }

    /** 0.00123 is {@code 1.23 mJ}. */
    static String joules(double value) {
        int power = 0;
        while (value != 0 && value < 0.9995 && power < SMALL.length - 1) {
            value *= 1000;
            power++;
        }
        return threeDigits(value) + SMALL[power] + "J";
    }

    static String seconds(double value) {
        return value < 60 ? threeDigits(value) + " s" : clock(value);
    }

    /** 125 is {@code 2:05}. */
    static String clock(double seconds) {
        long whole = Math.round(seconds);
        return whole < 3600 ? "%d:%02d".formatted(whole / 60, whole % 60)
                : "%d:%02d:%02d".formatted(whole / 3600, whole / 60 % 60, whole % 60);
    }

    /** 0.3012 is {@code 30.1%}. */
    static String percent(double share) {
        return String.format(Locale.ROOT, "%.1f%%", 100 * share);
    }

    static String threeDigits(double value) {
        int decimals = value >= 99.95 ? 0 : value >= 9.995 ? 1 : 2;
        return String.format(Locale.ROOT, "%." + decimals + "f", value);
    }
}
