package io.leanspike.compress.search;

import io.leanspike.compress.EncoderBits;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;

/** A search whose answers are formulas: the more goes, the cheaper and the worse, and layers matter differently. */
final class SyntheticProblem {
    private SyntheticProblem() {}

    /** Of 2 layers, 2 x 3 x 5 x 3 alternatives a layer. */
    static SearchSpace space() {
        return new SearchSpace(List.of(List.of(0.0, 0.5), List.of(0.0, 0.5)), List.of(0.0), List.of(0.0), List.of(0.0, 0.25, 0.5),
                List.of(1, 2, 3, 4, 8), List.of(Optional.empty(), Optional.of(EncoderBits.EIGHT), Optional.of(EncoderBits.TERNARY)),
                List.of(0.5), List.of(1.0), List.of(false));
    }

    static Candidate uncompressed() {
        return new Candidate(List.of(LayerChoice.whole(8), LayerChoice.whole(8)), 0.5, 1, false);
    }

    static Outcome outcome(Candidate candidate) {
        double lost = 0;
        double sops = 0;
        double bytes = 0;
        for (int i = 0; i < candidate.layers().size(); i++) {
            LayerChoice layer = candidate.layers().get(i);
            int bits = layer.bits().map(EncoderBits::ordinal).orElse(-1) + 1;
            double stays = (1 - layer.heads() / 2) * (1 - layer.neurons() * 0.8);
            lost += (i + 1) * (0.01 * layer.heads() + 0.03 * layer.neurons() * layer.neurons() + 0.02 / layer.timesteps() + 0.004 * bits);
            sops += layer.timesteps() * stays;
            bytes += stays / (1 + 3 * bits);
        }
        return new Outcome(Map.of("accuracy", 0.9 - lost), 1, sops, sops * 0.9, 50, (long) (1e6 * bytes), (long) (1e6 * bytes),
                OptionalDouble.empty(), Map.of("embedding", 1 / 3.0));
    }

    /** Everything there is. */
    static List<Point> all() {
        List<Point> points = new ArrayList<>();
        int[] sizes = space().sizes();
        int[] genes = new int[sizes.length];
        int at = 0;
        while (at < sizes.length) {
            Candidate candidate = space().decode(genes);
            points.add(new Point(candidate, outcome(candidate)));
            at = 0;
            while (at < sizes.length && ++genes[at] == sizes[at]) {
                genes[at++] = 0;
            }
        }
        return points;
    }
}
