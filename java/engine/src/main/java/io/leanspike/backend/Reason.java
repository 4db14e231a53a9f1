package io.leanspike.backend;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * Why the planner chose a kernel: one short sentence, made only when somebody reads it. A plan is made for every batch, and making its
 * texts would take longer than a small batch itself.
 *
 * @param format as {@link String#format}; taken as it is when there are no values
 */
public record Reason(String format, List<Object> values) {

    public Reason {
        values = List.copyOf(values);
    }

    public static Reason of(String format, Object... values) {
        return new Reason(format, List.of(values));
    }

    /** This, and more behind it. */
    public Reason and(String moreFormat, Object... moreValues) {
        List<Object> all = new ArrayList<>(values);
        all.addAll(List.of(moreValues));
        return new Reason((values.isEmpty() && moreValues.length > 0 ? format.replace("%", "%%") : format) + moreFormat, all);
    }

    @Override
    public String toString() {
        return values.isEmpty() ? format : String.format(Locale.ROOT, format, values.toArray());
    }
}
