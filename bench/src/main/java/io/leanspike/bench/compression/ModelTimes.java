package io.leanspike.bench.compression;

import io.leanspike.bench.Spread;
import java.util.Map;

/**
 * How fast a model was, by batch size.
 *
 * @param sequencesPerSecond from token ids to logits
 * @param overTeacher its speed over the dense teacher's, round by round
 */
record ModelTimes(Map<Integer, Spread> sequencesPerSecond, Map<Integer, Spread> overTeacher) {

    /** Median milliseconds a sequence, and half the distance of the quartiles in percent. */
    String milliseconds(int batch) {
        Spread rate = sequencesPerSecond.get(batch);
        return "%.3f ±%.0f%%".formatted(1000 / rate.median(), 50 * (rate.upperQuartile() - rate.lowerQuartile()) / rate.median());
    }
}
