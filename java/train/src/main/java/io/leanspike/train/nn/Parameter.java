package io.leanspike.train.nn;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.NDScope;
import ai.djl.ndarray.types.Shape;
import java.util.Map;

/**
 * A trained tensor with its Adam moments, all of the same shape, alive until the manager is closed.
 *
 * @param decays whether weight decay applies: to matrices, not to biases and norms
 */
public record Parameter(String name, NDArray value, NDArray mean, NDArray variance, boolean decays) {

    /** Adds value and moments, by name, to a training's state. */
    public void addTo(Map<String, NDArray> state) {
        state.put(name, value);
        state.put("mean." + name, mean);
        state.put("variance." + name, variance);
    }

    /** @param values row-major elements of {@code shape} */
    public static Parameter of(NDManager manager, String name, float[] values, boolean decays, long... shape) {
        Shape size = new Shape(shape);
        NDArray value = manager.create(values, size);
        NDArray mean = manager.zeros(size);
        NDArray variance = manager.zeros(size);
        NDScope.unregister(value, mean, variance);
        return new Parameter(name, value, mean, variance, decays);
    }
}
