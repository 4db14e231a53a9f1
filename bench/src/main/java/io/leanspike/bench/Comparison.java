package io.leanspike.bench;

import java.util.Map;

/**
 * One line of a side-by-side run: products beside dense float32 products of the same shapes, measured by turns.
 *
 * @param subject what was run, as in {@code spikingbert-4 intermediate}
 * @param shape of the product with time folded in, as in {@code 4096x768x3072}; {@code sentences} for text
 * @param density spikes' share, or where they come from
 * @param products GMAC/s, dense-equivalent, epilogues included in the time
 * @param sgemm GMAC/s of OpenBLAS on the same shapes
 * @param roof GMAC/s of OpenBLAS on a large square product
 * @param ratio products / sgemm, round by round
 * @param more further figures by name; may be empty
 */
record Comparison(String subject, String shape, int threads, int timesteps, String density, Spread products, Spread sgemm, Spread roof,
        Spread ratio, Map<String, Spread> more) {

    static final String TABLE_HEAD = """
            | subject | shape | threads | T | density | products GMAC/s | sgemm GMAC/s | products / sgemm | roof GMAC/s |
            |---|---|---:|---:|---|---:|---:|---:|---:|""";

    /** A line of the Markdown table under {@link #TABLE_HEAD}. */
    String tableRow() {
        return "| %s | %s | %d | %d | %s | %s | %s | %s | %s |"
                .formatted(subject, shape, threads, timesteps, density, products, sgemm, ratio, roof);
    }
}
