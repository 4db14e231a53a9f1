package io.leanspike.bench.peers;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDArrays;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import io.leanspike.model.SpikingConfig;

/** Integrate-and-fire neurons with soft reset as operations on float32 tensors, {0, 1} tensors out. */
record TorchNeurons(double threshold, double leak, double initialPotential) {

    static TorchNeurons of(SpikingConfig config) {
        return new TorchNeurons(config.threshold(), config.leak(), config.initialPotential() * config.threshold());
    }

    /** Membranes before the first timestep. */
    NDArray atRest(NDArray like) {
        return like.zerosLike().addi(initialPotential);
    }

    /** One timestep; {@code potential} is changed in place. */
    NDArray step(NDArray potential, NDArray current) {
        potential.addi(current);
        NDArray spikes = potential.gte(threshold).toType(DataType.FLOAT32, false);
        potential.subi(threshold == 1 ? spikes : spikes.mul(threshold));
        if (leak != 1) {
            potential.muli(leak);
        }
        return spikes;
    }

    /** All timesteps, one after the other. @param currents [T B, ...], time outermost; so are the spikes */
    NDArray scan(NDArray currents, int timesteps) {
        Shape shape = currents.getShape();
        NDList steps = currents.split(timesteps, 0);
        NDArray potential = atRest(steps.getFirst());
        NDList spikes = new NDList(timesteps);
        steps.forEach(current -> spikes.add(step(potential, current)));
        return NDArrays.concat(spikes).reshape(shape);
    }
}
