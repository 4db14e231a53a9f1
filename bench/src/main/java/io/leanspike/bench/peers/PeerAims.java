package io.leanspike.bench.peers;

import io.leanspike.backend.WeightKind;
import io.leanspike.bench.Spread;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.Predicate;

/** What the engine aims at beside its peers, and what the newest figures say about it. */
final class PeerAims {
    /** SpikingBERT_4, 128 tokens, T = 16, one sequence: the original code on an A100 (artifact of Prosperity, HPCA 2025), milliseconds. */
    private static final double PUBLISHED = 92;

    private final List<ForwardComparison> rows;
    private final StringBuilder table = new StringBuilder("""
            | aim | asked | settings | met in | least | median | most |
            |---|---:|---:|---:|---:|---:|---:|
            """);

    private PeerAims(List<ForwardComparison> rows) {
        this.rows = rows;
    }

    /** A Markdown table. @param sgemmRoof GMAC/s; like the start, of the same machine, where it was measured */
    static String table(List<ForwardComparison> rows, Optional<Double> sgemmRoof, Optional<Spread> start) {
        PeerAims aims = new PeerAims(rows);
        aims.atLeast("float32 weights, engine / (a)", 4, of(WeightKind.F32), over(Entrant.TORCH_LOOP));
        aims.atLeast("ternary weights, engine / (a)", 12, of(WeightKind.TERNARY), over(Entrant.TORCH_LOOP));
        aims.atLeast("float32 weights, engine / (b)", 2, of(WeightKind.F32), over(Entrant.TORCH_FOLDED));
        aims.atLeast("shipped model, engine / (c)", 3, PeerAims::isShipped, over(Entrant.ONNX_FLOAT32));
        aims.atLeast("shipped model, engine / (d)", 1, PeerAims::isShipped, over(Entrant.ONNX_INT8));
        aims.atLeast("two threads over one", 1.85, row -> true, over(Entrant.ENGINE_1_THREAD));
        sgemmRoof.ifPresent(roof -> aims.atLeast("ternary products / the fastest float32 product, GMAC/s", 10, of(WeightKind.TERNARY),
                row -> Optional.of(row.products().get(SplitForward.GMAC).median() / roof)));
        aims.atMost("share of the forward pass outside products, %", 35, row -> true,
                row -> Optional.of(100 - 100 * row.products().get(SplitForward.SHARE).median()));
        for (int timesteps : new int[] {16, 2}) {
            aims.atMost("SpikingBERT_4, ternary, 1 x 128, T = %d: ms (original on an A100 at T = 16: 92 to 96)".formatted(timesteps), PUBLISHED,
                    of(WeightKind.TERNARY).and(row -> row.setting().model().equals(PeerShape.SPIKINGBERT_4.toString())
                            && row.setting().sequences() == 1 && row.setting().length() == 128 && row.setting().timesteps() == timesteps),
                    row -> row.milliseconds(Entrant.ENGINE));
        }
        start.ifPresent(seconds -> aims.line("shipped model, start to first answer, s", "at most 1.0", List.of(seconds.median()), value -> value <= 1));
        return aims.table.toString();
    }

    private static Predicate<ForwardComparison> of(WeightKind kind) {
        return row -> row.setting().weights() == kind;
    }

    private static boolean isShipped(ForwardComparison row) {
        return row.setting().model().equals(PeerShape.SHIPPED.toString());
    }

    private static Function<ForwardComparison, Optional<Double>> over(Entrant entrant) {
        return row -> row.over(entrant);
    }

    private void atLeast(String what, double bound, Predicate<ForwardComparison> which, Function<ForwardComparison, Optional<Double>> figure) {
        line(what, "at least " + bound, figures(which, figure), value -> value >= bound);
    }

    private void atMost(String what, double bound, Predicate<ForwardComparison> which, Function<ForwardComparison, Optional<Double>> figure) {
        line(what, "at most " + bound, figures(which, figure), value -> value <= bound);
    }

    private List<Double> figures(Predicate<ForwardComparison> which, Function<ForwardComparison, Optional<Double>> figure) {
        return rows.stream().filter(which).map(figure).flatMap(Optional::stream).sorted().toList();
    }

    private void line(String what, String asked, List<Double> sorted, Predicate<Double> meets) {
        if (sorted.isEmpty()) {
            table.append("| %s | %s | 0 | not measured | | | |%n".formatted(what, asked));
            return;
        }
        double median = Spread.of(sorted.stream().mapToDouble(Double::doubleValue).toArray()).median();
        table.append("| %s | %s | %d | %d | %.2f | %.2f | %.2f |%n".formatted(what, asked, sorted.size(), sorted.stream().filter(meets).count(),
                sorted.getFirst(), median, sorted.getLast()));
    }
}
