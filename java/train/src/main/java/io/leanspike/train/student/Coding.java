package io.leanspike.train.student;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDArrays;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import io.leanspike.train.nn.Torch;

/**
 * How a population of integrate-and-fire neurons (threshold 1, soft reset, no leak) turns its current into activity, with a
 * gradient. The family is closed: what the engine runs at equilibrium, the rate code of T timesteps, and the spikes themselves.
 *
 * <p>Arrays are [steps B, L, width], time outermost, where {@code steps} is 1 except for {@link Spikes}. Each layer has a coding of its
 * own: its T may differ from its neighbours'.
 */
public sealed interface Coding {

    /** Copies of the batch that are computed side by side: T for spikes, else 1. */
    default int steps() {
        return 1;
    }

    /** Whether activity stands for spikes whose {@link SpikeNoise} is to be reckoned with; it is there already in spikes themselves. */
    default boolean isNoisy() {
        return false;
    }

    /** Activity for a current [steps B, L, width]. */
    NDArray of(NDArray current);

    /**
     * What a layer of this coding reads of a neighbour whose populations run for another T: as many spikes in T steps as keep the
     * neighbour's rate, evenly spread, ties up. It is what a neuron at initial potential 1/2 makes of the rate as a constant current, in
     * whole numbers as the engine counts them ({@code spike_retime}). Gradients go straight through the rate.
     *
     * @param activity [steps B, L, width] of {@code neighbour}
     */
    NDArray read(NDArray activity, Coding neighbour);

    /** T to infinity: {@code clamp(I, 0, 1)}, the gradient of which is the clamp's own. */
    record Equilibrium() implements Coding {
        @Override
        public NDArray of(NDArray current) {
            return current.clip(0, 1);
        }

        @Override
        public NDArray read(NDArray activity, Coding neighbour) {
            return activity;
        }
    }

    /**
     * What T timesteps of a constant current give: {@code clamp(floor(T I + u0), 0, T) / T}, straight through inside [0, 1]. The
     * engine's currents vary over time, so that its counts only come near this.
     *
     * @param timesteps T
     * @param initialPotential u0, a share of the threshold: 0.5 rounds
     * @param hardness 1, or less for something between these rates and the clamp, at 0
     */
    record Rates(int timesteps, double initialPotential, double hardness) implements Coding {
        /** Rates of T steps. */
        public Rates(int timesteps, double initialPotential) {
            this(timesteps, initialPotential, 1);
        }

        @Override
        public NDArray of(NDArray current) {
            // Few passes over memory: this runs for every population. From 0 to 1 nothing is cut off, as u0 is below 1.
            NDArray rate = current.clip(0, 1);
            NDArray exact = rate.stopGradient();
            NDArray rounding = exact.mul(timesteps).addi(initialPotential).floor().divi(timesteps).subi(exact);
            return rate.add(hardness == 1 ? rounding : rounding.muli(hardness));
        }

        @Override
        public NDArray read(NDArray activity, Coding neighbour) {
            if (!(neighbour instanceof Rates other) || other.timesteps == timesteps) {
                return activity;
            }
            NDArray counts = activity.stopGradient().mul(other.timesteps).round();
            return Torch.straightThrough(activity, spikesUpTo(timesteps, counts, other.timesteps).divi(timesteps));
        }
    }

    /**
     * The same rates, in a network whose LayerNorms, softmaxes and GELUs see the {@link SpikeNoise} that spikes of these rates have: what many
     * timesteps come to, at one and a half times the price of rates.
     */
    record MeanField(Rates rates) implements Coding {
        @Override
        public boolean isNoisy() {
            return true;
        }

        @Override
        public NDArray of(NDArray current) {
            return rates.of(current);
        }

        @Override
        public NDArray read(NDArray activity, Coding neighbour) {
            return rates.read(activity, neighbour instanceof MeanField other ? other.rates : neighbour);
        }
    }

    /**
     * The neurons step by step, exactly as the engine runs them; {0, 1}. Backwards, a spike counts as its own step's current where
     * the mean current of all steps is a rate between 0 and 1. A wider window lets gradients grow from layer to layer: with 0.25 more on
     * each side their norm was several times as large in six layers at T = 2, and training lost what the student knew.
     *
     * @param timesteps T
     * @param initialPotential u0, a share of the threshold
     * @param hardness 1, or less for something between spikes and each step's current clamped to [0, 1], at 0
     */
    record Spikes(int timesteps, double initialPotential, double hardness) implements Coding {
        /** Spikes, hard. */
        public Spikes(int timesteps, double initialPotential) {
            this(timesteps, initialPotential, 1);
        }

        @Override
        public int steps() {
            return timesteps;
        }

        @Override
        public NDArray of(NDArray current) {
            NDArray input = current.stopGradient();
            long rows = current.getShape().get(0) / timesteps;
            NDArray potential = null;
            NDList spikes = new NDList(timesteps);
            for (int t = 0; t < timesteps; t++) {
                NDArray now = input.get((t * rows) + ":" + ((t + 1) * rows));
                potential = potential == null ? now.add(initialPotential) : potential.addi(now);
                NDArray fired = potential.gte(1).toType(DataType.FLOAT32, false);
                spikes.add(fired);
                potential.subi(fired);
            }
            return current.sub(input).mul(passing(input)).add(softened(NDArrays.concat(spikes), input.clip(0, 1)));
        }

        private NDArray softened(NDArray spikes, NDArray smooth) {
            return hardness == 1 ? spikes : smooth.addi(spikes.subi(smooth).muli(hardness));
        }

        /** 1 where the mean over the steps is a rate that can move, else 0. @param current [steps B, L, width] */
        private NDArray passing(NDArray current) {
            Shape shape = current.getShape();
            NDArray mean = current.reshape(new Shape(timesteps, shape.get(0) / timesteps).addAll(shape.slice(1))).mean(new int[] {0});
            NDArray inside = mean.gte(0).logicalAnd(mean.lte(1)).toType(DataType.FLOAT32, false);
            return inside.tile(new long[] {timesteps, 1, 1});
        }

        @Override
        public NDArray read(NDArray activity, Coding neighbour) {
            int from = neighbour.steps();
            if (from == timesteps) {
                return activity;
            }
            Shape shape = activity.getShape();
            NDArray bySteps = activity.reshape(new Shape(from, shape.get(0) / from).addAll(shape.slice(1)));
            NDArray counts = bySteps.stopGradient().sum(new int[] {0});
            NDList spikes = new NDList(timesteps);
            NDArray before = spikesUpTo(0, counts, from);
            for (int t = 1; t <= timesteps; t++) {
                NDArray now = spikesUpTo(t, counts, from);
                spikes.add(now.sub(before));
                before = now;
            }
            NDArray rate = bySteps.mean(new int[] {0}).tile(new long[] {timesteps, 1, 1});
            return Torch.straightThrough(rate, softened(NDArrays.concat(spikes), rate.stopGradient().duplicate()));
        }
    }

    /** Spikes in the first {@code steps} steps of a neuron at initial potential 1/2 whose current is {@code counts / from}. */
    private static NDArray spikesUpTo(int steps, NDArray counts, int from) {
        // floor((2 steps counts + from) / (2 from)); the extra half keeps a quotient that is whole from being rounded below itself.
        return counts.mul(2 * steps).addi(from + 0.5).divi(2 * from).floor();
    }
}
