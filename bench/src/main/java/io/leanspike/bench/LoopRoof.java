package io.leanspike.bench;

import io.leanspike.backend.WeightKind;
import java.util.List;

/**
 * Products beside the most that the machine gives to the loop that would do them densely.
 *
 * @param loop as {@link Roofs.Roof} spells it
 * @param gmac GMAC/s of the loop alone
 * @param share products / loop, round by round; above 1 where units that do not spike are skipped
 */
record LoopRoof(String loop, Spread gmac, Spread share) {

    /** The loop of a product with such weights. */
    static Roofs.Roof of(WeightKind weights) {
        return switch (weights) {
            case F32, F16 -> Roofs.Roof.FLOAT_FMA;
            case I8 -> Roofs.Roof.BYTE_DOT;
            case TERNARY, BINARY -> Roofs.Roof.POPCOUNT;
        };
    }

    /** Of a figure among these rounds; empty where the loop was not measured. */
    static List<LoopRoof> in(Rounds rounds, Roofs.Roof loop, String products) {
        return Roofs.absence().isPresent() ? List.of()
                : List.of(new LoopRoof(loop.toString(), rounds.spread(loop.toString()), rounds.ratio(products, loop.toString())));
    }
}
