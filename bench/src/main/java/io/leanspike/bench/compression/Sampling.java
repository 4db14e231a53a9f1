package io.leanspike.bench.compression;

import io.leanspike.bench.Contender;
import io.leanspike.bench.Rounds;
import io.leanspike.bench.Spread;
import io.leanspike.bench.peers.PreparedForward;
import io.leanspike.bench.peers.TimedForward;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * How models are timed: all of them by turns, with every batch size.
 *
 * @param warmUps rounds that are run first and forgotten
 * @param rounds samples of each model and batch size
 * @param seconds least time of a sample
 */
record Sampling(List<Integer> batches, int warmUps, int rounds, double seconds) {

    /**
     * Times every model.
     *
     * @param models the first is what the others are compared with
     * @param sequences of the timed text
     * @return in the order of the models
     */
    List<ModelTimes> times(List<Measured> models, int sequences) {
        List<PreparedForward> prepared = new ArrayList<>();
        try {
            List<Contender> contenders = new ArrayList<>();
            for (int batch : batches) {
                for (Measured model : models) {
                    PreparedForward forward = model.timed(batch);
                    prepared.add(forward);
                    contenders.add(new TimedForward(key(model, batch), forward, sequences, seconds));
                }
            }
            Rounds sampled = Rounds.run(contenders, warmUps, rounds);
            return models.stream().map(model -> {
                Map<Integer, Spread> rates = new TreeMap<>();
                Map<Integer, Spread> ratios = new LinkedHashMap<>();
                for (int batch : batches) {
                    rates.put(batch, sampled.spread(key(model, batch)));
                    ratios.put(batch, sampled.ratio(key(model, batch), key(models.getFirst(), batch)));
                }
                return new ModelTimes(rates, ratios);
            }).toList();
        } finally {
            prepared.forEach(PreparedForward::close);
        }
    }

    private static String key(Measured model, int batch) {
        return model.figures().name() + " by " + batch;
    }
}
