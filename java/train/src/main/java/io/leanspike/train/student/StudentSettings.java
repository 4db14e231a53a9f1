package io.leanspike.train.student;

import io.leanspike.schedule.TimestepSchedule;
import java.util.List;

/**
 * What a student is and how it learns.
 *
 * @param layers the teacher's layer that each layer starts as, and whose hidden states and scores it follows
 * @param forward what stands for the neurons in training
 * @param timesteps T of each layer that the student is trained for and evaluated at; the embedding runs at the first layer's
 * @param initialPotential u0, a share of the threshold
 * @param hardening how weights and neurons become discrete
 * @param weights of the parts of the loss
 */
public record StudentSettings(
        List<Integer> layers, Forward forward, TimestepSchedule timesteps, double initialPotential, WeightBits bits, Hardening hardening,
        LossWeights weights) {

    /** What stands for the neurons in training. */
    public enum Forward {
        /** {@link Coding.Equilibrium}, evaluated at equilibrium. */
        EQUILIBRIUM,
        /** {@link Coding.Rates}. */
        RATES,
        /** {@link Coding.MeanField}. */
        MEAN_FIELD,
        /** {@link Coding.Spikes}. */
        SPIKES;

        /** Whether currents that are trained on have the noise of spikes in them. */
        public boolean hasSpikeNoise() {
            return this == MEAN_FIELD || this == SPIKES;
        }
    }

    /**
     * Weights of the parts of the loss; 0 leaves a part out.
     *
     * @param label true answers
     * @param prediction the teacher's logits
     * @param hidden the teacher's hidden states, through W_fit
     * @param attention the teacher's attention scores
     * @param settling rates between 0 and 1: the mean of {@code 4 a (1 - a)} over all populations. Few timesteps run settled rates best:
     *     a neuron that fires always or never gives the next layer the same input at every step
     * @param temperature that logits of teacher and student are divided by
     */
    public record LossWeights(double label, double prediction, double hidden, double attention, double settling, double temperature) {}

    /** What stands for the neurons of each layer. @param progress share of the training that is done */
    public List<Coding> codings(double progress) {
        return timesteps.timesteps().stream().map(steps -> coding(forward, steps, hardening.ofNeurons(progress))).toList();
    }

    /** What the engine runs: spikes, or rates at equilibrium. */
    List<Coding> codingsAsRun() {
        Forward run = forward == Forward.EQUILIBRIUM ? forward : Forward.SPIKES;
        return timesteps.timesteps().stream().map(steps -> coding(run, steps, 1)).toList();
    }

    private Coding coding(Forward how, int steps, double hardness) {
        return switch (how) {
            case EQUILIBRIUM -> new Coding.Equilibrium();
            case RATES -> new Coding.Rates(steps, initialPotential, hardness);
            case MEAN_FIELD -> new Coding.MeanField(new Coding.Rates(steps, initialPotential, hardness));
            case SPIKES -> new Coding.Spikes(steps, initialPotential, hardness);
        };
    }
}
