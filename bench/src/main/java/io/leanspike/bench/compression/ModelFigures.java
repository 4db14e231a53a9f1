package io.leanspike.bench.compression;

import java.util.List;
import java.util.Map;

/**
 * What a model is right on and costs; the same whoever runs it, but for its times.
 *
 * @param dense whether it is the teacher
 * @param metrics the task's, the main one first
 * @param timesteps T of each layer; empty when dense
 * @param sops synaptic operations (AC) a sequence, through live weights; 0 when dense
 * @param macs multiply-accumulates a sequence that spikes do not drive; when dense all of them
 * @param joules energy of both, a sequence: arithmetic at 45 nm
 * @param encoderBytes of the encoder's matrices, scales included
 * @param fileBytes of model.safetensors
 */
record ModelFigures(String name, boolean dense, Map<String, Double> metrics, List<Integer> timesteps, double sops, double macs,
        double joules, long encoderBytes, long fileBytes) {

    /** The task's main metric. */
    double score() {
        return metrics.values().iterator().next();
    }

    double meanTimesteps() {
        return timesteps.stream().mapToInt(Integer::intValue).average().orElse(0);
    }
}
