package io.leanspike.bench;

import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

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
 * @param loops the machine's roof for such products; empty where it was not measured
 * @param more further figures by name; may be empty
 */
record Comparison(String subject, String shape, int threads, int timesteps, String density, Spread products, Spread sgemm, Spread roof,
        Spread ratio, List<LoopRoof> loops, Map<String, Spread> more) {

    static final String TABLE_HEAD = """
            | subject | shape | threads | T | density | products GMAC/s | sgemm GMAC/s | products / sgemm | roof GMAC/s | loop GMAC/s | products / loop |
            |---|---|---:|---:|---|---:|---:|---:|---:|---:|---:|""";

    /** A line of the Markdown table under {@link #TABLE_HEAD}. */
    String tableRow() {
        return "| %s | %s | %d | %d | %s | %s | %s | %s | %s | %s | %s |"
                .formatted(subject, shape, threads, timesteps, density, products, sgemm, ratio, roof,
                        loops.stream().map(own -> own.loop() + " " + own.gmac()).collect(Collectors.joining()),
                        loops.stream().map(own -> own.share().toString()).collect(Collectors.joining()));
    }
}
