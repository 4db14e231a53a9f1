package io.leanspike.compress.search;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.OptionalDouble;

/**
 * What a candidate achieved and cost on one set of examples.
 *
 * @param metrics the task's own by GLUE name, the main one first; NaN where one is not defined
 * @param sops synaptic operations of all examples
 * @param joules energy of all examples
 * @param denseJoules energy of a dense network of the same shape on all examples
 * @param bytes of all tensors
 * @param encoderBytes of the encoder's matrices
 * @param latency time as a multiple of the uncompressed model's; empty where it was not asked for
 * @param densities share of (token, unit, timestep) places that spike, by population, in the order data passes them
 */
public record Outcome(Map<String, Double> metrics, long examples, double sops, double joules, double denseJoules, long bytes,
        long encoderBytes, OptionalDouble latency, Map<String, Double> densities) {

    public Outcome {
        metrics = Collections.unmodifiableMap(new LinkedHashMap<>(metrics));
        densities = Collections.unmodifiableMap(new LinkedHashMap<>(densities));
    }

    /** The task's main metric, the more the better; one that is not defined is worse than all. */
    public double metric() {
        double main = metrics.values().iterator().next();
        return Double.isNaN(main) ? Double.NEGATIVE_INFINITY : main;
    }
}
