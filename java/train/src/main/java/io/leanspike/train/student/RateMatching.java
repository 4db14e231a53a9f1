package io.leanspike.train.student;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.NDScope;
import io.leanspike.train.data.BatchPlan;
import io.leanspike.train.data.Texts;
import io.leanspike.train.nn.LayerParameters;
import io.leanspike.train.nn.Leaves;
import io.leanspike.train.nn.Parameter;
import io.leanspike.train.nn.TokenTensors;
import java.util.Collections;
import java.util.List;

/**
 * Fits a student's LayerNorms so that each unit behind one has, on calibration text, the mean and the deviation of rate that it has at
 * equilibrium with weights that are not quantised. A step's spikes vary more than the rates they stand for, and LayerNorm divides by
 * all that varies: without this the rates of few timesteps shrink towards their means from layer to layer. Populations are
 * fitted in the order data passes them, each on what the fitted ones before it give.
 */
final class RateMatching {
    private static final int SEQUENCES = 64;
    private static final int TOKENS = 2048;
    /** The clamp is not linear, so that one fit does not hit. */
    private static final int ROUNDS = 2;
    /** A unit that hardly moves is not blown up by more. */
    private static final double MOST = 4;
    private static final double TINY = 1e-3;

    private final NDManager manager;
    private final Student student;
    private final Texts texts;

    /** @param means [width] of rates, @param deviations [width] of them */
    private record Moments(float[] means, float[] deviations) {}

    RateMatching(NDManager manager, Student student, Texts texts) {
        this.manager = manager;
        this.student = student;
        this.texts = texts;
    }

    /** Changes gains and shifts of the student's LayerNorms, and biases of keys and values. */
    void fit() {
        int layers = student.settings().layers().size();
        fitNorm(StudentForward.EMBEDDING, student.encoder().normGain(), student.encoder().normShift());
        for (int layer = 0; layer < layers; layer++) {
            LayerParameters parameters = student.encoder().layers().get(layer);
            fitBias(StudentForward.keysAndValues(layer), parameters.projectionBias());
            fitNorm(StudentForward.attentionOutput(layer), parameters.attentionGain(), parameters.attentionShift());
            fitNorm(StudentForward.output(layer), parameters.outputGain(), parameters.outputShift());
        }
    }

    private void fitNorm(int population, Parameter gain, Parameter shift) {
        Moments wanted = wanted(population);
        for (int round = 0; round < ROUNDS; round++) {
            Moments had = had(population);
            float[] gains = gain.value().toFloatArray();
            float[] shifts = shift.value().toFloatArray();
            for (int i = 0; i < gains.length; i++) {
                double factor = Math.clamp((wanted.deviations[i] + TINY) / (had.deviations[i] + TINY), 1 / MOST, MOST);
                gains[i] *= (float) factor;
                shifts[i] = (float) (factor * (shifts[i] - had.means[i]) + wanted.means[i]);
            }
            gain.value().set(gains);
            shift.value().set(shifts);
        }
    }

    /** @param bias its last elements are the population's */
    private void fitBias(int population, Parameter bias) {
        Moments wanted = wanted(population);
        for (int round = 0; round < ROUNDS; round++) {
            Moments had = had(population);
            float[] biases = bias.value().toFloatArray();
            int from = biases.length - had.means.length;
            for (int i = 0; i < had.means.length; i++) {
                biases[from + i] += wanted.means[i] - had.means[i];
            }
            bias.value().set(biases);
        }
    }

    private Moments wanted(int population) {
        return moments(population, 0, Collections.nCopies(student.settings().layers().size(), new Coding.Equilibrium()));
    }

    private Moments had(int population) {
        return moments(population, 1, student.settings().codings(1));
    }

    /** @param hardness of the weights */
    private Moments moments(int population, double hardness, List<Coding> codings) {
        double[] sums = null;
        double[] squares = null;
        long tokens = 0;
        try (NDScope all = new NDScope()) {
            all.suppressNotUsedWarning();
            StudentForward forward = student.forward(student.addTo(Leaves.frozen(), hardness), codings);
            for (int[] batch : BatchPlan.byLength(texts, SEQUENCES, TOKENS).batches()) {
                try (NDScope scope = new NDScope()) {
                    scope.suppressNotUsedWarning();
                    TokenTensors tensors = TokenTensors.of(manager, texts.select(batch));
                    NDArray rates = forward.run(tensors, student.rows(tensors)).rates().get(population).mul(tensors.live());
                    sums = plus(sums, rates.sum(new int[] {0, 1}).toFloatArray());
                    squares = plus(squares, rates.square().sum(new int[] {0, 1}).toFloatArray());
                    tokens += tensors.tokens();
                }
            }
        }
        float[] means = new float[sums.length];
        float[] deviations = new float[sums.length];
        for (int i = 0; i < means.length; i++) {
            double mean = sums[i] / tokens;
            means[i] = (float) mean;
            deviations[i] = (float) Math.sqrt(Math.max(0, squares[i] / tokens - mean * mean));
        }
        return new Moments(means, deviations);
    }

    private static double[] plus(double[] sums, float[] more) {
        double[] to = sums == null ? new double[more.length] : sums;
        for (int i = 0; i < to.length; i++) {
            to[i] += more[i];
        }
        return to;
    }
}
