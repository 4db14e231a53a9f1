package io.leanspike.backend.reference;

import io.leanspike.backend.KernelCall;
import io.leanspike.model.LinearWeights;
import io.leanspike.tensor.SpikeTensor;
import io.leanspike.tensor.WeightMatrix;

/** logits = W_cls . ReLU(rate of the first token) + b_cls; a rate is never negative, so the ReLU is the identity. */
final class ClassifierHead {
    private ClassifierHead() {}

    static double[][] logits(ReferenceRun run, KernelCall.ClassifierHead call) {
        LinearWeights classifier = run.model().weights().classifier();
        WeightMatrix weight = classifier.weight();
        double[][] logits = new double[run.batch().sequences()][call.labels()];
        for (int b = 0; b < logits.length; b++) {
            double[] rate = firstTokenRate(run, call, run.batch().rowOffsets()[b]);
            for (int c = 0; c < call.labels(); c++) {
                double sum = classifier.bias()[c];
                for (int j = 0; j < rate.length; j++) {
                    sum += weight.get(c, j) * rate[j];
                }
                logits[b][c] = sum;
            }
        }
        return logits;
    }

    private static double[] firstTokenRate(ReferenceRun run, KernelCall.ClassifierHead call, int row) {
        double[] rate = new double[call.width()];
        if (call.timesteps().isEmpty()) {
            System.arraycopy(run.rates(call.input()), row * call.width(), rate, 0, rate.length);
            return rate;
        }
        SpikeTensor spikes = run.spikes(call.input());
        int timesteps = call.timesteps().get();
        for (int j = 0; j < rate.length; j++) {
            int count = 0;
            for (int t = 0; t < timesteps; t++) {
                count += spikes.get(row, t, j) ? 1 : 0;
            }
            rate[j] = (double) count / timesteps;
        }
        return rate;
    }
}
