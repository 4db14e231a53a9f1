package io.leanspike.train.loop;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDScope;
import ai.djl.ndarray.index.NDIndex;
import io.leanspike.train.nn.Parameter;
import io.leanspike.train.nn.Trained;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.Supplier;

/**
 * The exponential moving average of what is trained, which takes the place of the last step's values whenever they are scored or saved
 * (Polyak and Juditsky 1992; as in arXiv 1703.01780). Steps at a high learning rate go round the solution: their average lies within.
 *
 * <p>The average of the first steps forgets faster: its decay after n steps is at most {@code (1 + n) / (10 + n)}.
 */
final class WeightAverage {
    private static final NDIndex ALL = new NDIndex(":");

    private final double decay;
    private final Map<String, NDArray> trained = new LinkedHashMap<>();
    private final Map<String, NDArray> averages = new LinkedHashMap<>();

    /** @param decay share of the average that a step keeps, from 0 to below 1; 0: the last step's values themselves */
    WeightAverage(Trained trained, double decay) {
        this.decay = decay;
        if (decay > 0) {
            for (Parameter parameter : trained.parameters()) {
                this.trained.put("average." + parameter.name(), parameter.value());
            }
            this.trained.put("average.words", trained.words().value());
            this.trained.forEach((name, value) -> {
                NDArray copy = value.duplicate();
                NDScope.unregister(copy);
                averages.put(name, copy);
            });
        }
    }

    /** Takes in the values behind a step. @param step number of it, from 1 */
    void add(long step) {
        double kept = Math.min(decay, (1.0 + step) / (10.0 + step));
        averages.forEach((name, average) -> {
            try (NDArray difference = trained.get(name).sub(average)) {
                average.addi(difference.muli(1 - kept));
            }
        });
    }

    /** What a resumed training needs of it, by name. */
    Map<String, NDArray> state() {
        return averages;
    }

    /** Runs something with the averages in the values' place, and puts the values back. */
    <T> T inPlace(Supplier<T> scoring) {
        exchange();
        try {
            return scoring.get();
        } finally {
            exchange();
        }
    }

    private void exchange() {
        averages.forEach((name, average) -> {
            NDArray value = trained.get(name);
            try (NDArray before = value.duplicate()) {
                value.set(ALL, average);
                average.set(ALL, before);
            }
        });
    }
}
