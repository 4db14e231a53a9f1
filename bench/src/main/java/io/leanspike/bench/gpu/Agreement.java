package io.leanspike.bench.gpu;

import io.leanspike.backend.BatchRun;
import io.leanspike.backend.KernelCall;
import io.leanspike.backend.Population;
import io.leanspike.backend.reference.ReferenceRun;
import io.leanspike.tensor.SpikeTensor;

/**
 * How far a launch's result is from the oracle's.
 *
 * @param spikes compared
 * @param wrong spikes of units that the oracle saw stay clear of their threshold, by {@value #MARGIN} or more: any is a bug
 * @param rounded spikes that differ in units that came closer than that: rounding decides about them
 * @param largestError of real values, relative above 1
 */
record Agreement(long spikes, long wrong, long rounded, double largestError) {
    private static final double MARGIN = 1e-4;
    private static final double REAL_TOLERANCE = 1e-4;
    static final Agreement NOTHING = new Agreement(0, 0, 0, 0);

    boolean holds() {
        return wrong == 0 && largestError <= REAL_TOLERANCE;
    }

    Agreement and(Agreement other) {
        return new Agreement(spikes + other.spikes, wrong + other.wrong, rounded + other.rounded, Math.max(largestError, other.largestError));
    }

    /** Of everything that the call makes, both runs having executed it on the same operands. */
    static Agreement of(KernelCall call, ReferenceRun expected, BatchRun actual) {
        return switch (call) {
            case KernelCall.Fused fused -> fused.parts().stream().map(part -> of(part, expected, actual)).reduce(NOTHING, Agreement::and);
            case KernelCall.SpikeEncode c -> spikes(Population.EMBEDDING, expected, actual);
            case KernelCall.SpikeMatmul c -> c.projection().output(c.layer()).map(population -> spikes(population, expected, actual))
                    .orElseGet(() -> reals(expected.query(c.layer()), actual.query(c.layer())));
            case KernelCall.SpikingAttention c -> spikes(new Population(c.layer(), Population.Kind.CONTEXT), expected, actual);
            case KernelCall.SpikeRetime c -> spikes(new Population(c.layer(), Population.Kind.INPUT), expected, actual);
            case KernelCall.MembraneUpdate c -> spikes(c.population(), expected, actual);
            case KernelCall.SpikeCount c -> counts(expected.spikeTotals(c.population()), actual.spikeTotals(c.population()));
            case KernelCall.SynapseCount c -> counts(expected.synapseTotals(c.population()), actual.synapseTotals(c.population()));
            case KernelCall.UnitCount c -> counts(widen(expected.unitCounts(c.population())), widen(actual.unitCounts(c.population())));
            case KernelCall.ClassifierHead c -> {
                Agreement all = NOTHING;
                for (int b = 0; b < expected.logits().length; b++) {
                    all = all.and(reals(expected.logits()[b], actual.logits()[b]));
                }
                yield all;
            }
            default -> throw new IllegalArgumentException("no CUDA kernel for " + call.operation());
        };
    }

    private static Agreement spikes(Population population, ReferenceRun expected, BatchRun actual) {
        SpikeTensor want = expected.spikes(population);
        SpikeTensor got = actual.spikes(population);
        double[] margins = expected.margins(population);
        long wrong = 0;
        long rounded = 0;
        for (int row = 0; row < want.rows(); row++) {
            for (int t = 0; t < want.timesteps(); t++) {
                for (int j = 0; j < want.width(); j++) {
                    if (want.get(row, t, j) != got.get(row, t, j)) {
                        if (margins[row * want.width() + j] < MARGIN) {
                            rounded++;
                        } else {
                            wrong++;
                        }
                    }
                }
            }
        }
        return new Agreement((long) want.rows() * want.timesteps() * want.width(), wrong, rounded, 0);
    }

    private static Agreement reals(double[] want, double[] got) {
        double largest = 0;
        for (int i = 0; i < want.length; i++) {
            double error = Math.abs(want[i] - got[i]) / Math.max(1, Math.abs(want[i]));
            largest = error > largest || Double.isNaN(error) ? error : largest;
        }
        return new Agreement(0, 0, 0, Double.isNaN(largest) ? Double.POSITIVE_INFINITY : largest);
    }

    private static Agreement counts(long[] want, long[] got) {
        long wrong = 0;
        for (int i = 0; i < want.length; i++) {
            wrong += want[i] == got[i] ? 0 : 1;
        }
        return new Agreement(want.length, wrong, 0, 0);
    }

    private static long[] widen(int[] values) {
        return java.util.Arrays.stream(values).asLongStream().toArray();
    }
}
