package io.leanspike.train.loop;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import io.leanspike.train.nn.Torch;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.Supplier;

/**
 * What is minimised in a step.
 *
 * @param total scalar
 * @param parts scalars that it was added up from, unweighted, by name
 */
public record Loss(NDArray total, Map<String, NDArray> parts) {

    /** Adds a loss up. */
    public static final class Sum {
        private final Map<String, NDArray> parts = new LinkedHashMap<>();
        private NDArray total;

        public Sum(NDManager manager) {
            total = manager.create(0f);
        }

        /** Adds a part; at weight 0 it is not even computed. */
        public Sum add(String name, double weight, Supplier<NDArray> part) {
            if (weight > 0) {
                parts.put(name, part.get());
                total = total.add(Torch.times(parts.get(name), weight));
            }
            return this;
        }

        public Loss loss() {
            return new Loss(total, parts);
        }
    }
}
