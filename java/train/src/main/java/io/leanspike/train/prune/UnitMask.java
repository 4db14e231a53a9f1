package io.leanspike.train.prune;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.NDScope;
import ai.djl.ndarray.types.Shape;
import java.util.List;
import java.util.Map;

/**
 * Which units of a population are left: their activity is multiplied by it. Alive until the manager is closed.
 *
 * @param kept [units] 1 for a unit that is left, 0 for one that is gone
 * @param seen [units] running mean of what a {@link PruningCriterion} saw
 */
public record UnitMask(String name, NDArray kept, NDArray seen) {
    /** Share of the past in the running mean: about the last hundred steps count. */
    private static final double MEMORY = 0.99;

    static UnitMask of(NDManager manager, String name, int units) {
        NDArray kept = manager.ones(new Shape(units));
        NDArray seen = manager.zeros(new Shape(units));
        NDScope.unregister(kept, seen);
        return new UnitMask(name, kept, seen);
    }

    /** For saving and restoring a training. */
    void addTo(Map<String, NDArray> state) {
        state.put(name, kept);
        state.put("seen." + name, seen);
    }

    /** Keeps these units alone. */
    void keep(List<Integer> units) {
        float[] values = new float[(int) kept.size()];
        units.forEach(unit -> values[unit] = 1);
        try (NDScope scope = new NDScope()) {
            scope.suppressNotUsedWarning();
            kept.muli(0).addi(kept.getManager().create(values));
        }
    }

    /** Adds what a step shows to the running mean; a step without finite figures is passed over. */
    void remember(NDArray shown) {
        if (Float.isFinite(shown.sum().getFloat())) {
            seen.muli(MEMORY).addi(shown.mul(1 - MEMORY));
        }
    }
}
