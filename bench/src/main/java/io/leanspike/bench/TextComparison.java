package io.leanspike.bench;

import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** The products of SST-2's sentences with real weights and real spikes, timed where they happen, beside the same products by sgemm. */
final class TextComparison {
    private final Sst2 sst2;
    private final String backend;
    private final int batchSize;
    private final Effort effort;

    TextComparison(Sst2 sst2, String backend, int batchSize, Effort effort) {
        this.sst2 = sst2;
        this.backend = backend;
        this.batchSize = batchSize;
        this.effort = effort;
    }

    Comparison run(int threads, int timesteps) {
        try (TokenizedText text = TokenizedText.open(sst2, backend, threads, batchSize, timesteps);
                TextSgemm sgemm = new TextSgemm(text, threads);
                Sgemm roof = effort.roof(threads)) {
            Rounds rounds = Rounds.run(List.of(
                    new TextForward(text),
                    sgemm,
                    Contender.product("roof", roof.gmac(), effort.sampleSeconds(), roof::multiply)),
                    effort.warmUps(), effort.rounds());
            Map<String, Spread> more = new TreeMap<>();
            for (String figure : List.of(TextForward.SENTENCES, TextForward.PRODUCT_SHARE)) {
                more.put(figure, rounds.spread(figure));
            }
            return new Comparison(sst2.model().getFileName() + " on SST-2", text.sentences() + " sentences", threads, timesteps, "real",
                    rounds.spread(TextForward.PRODUCTS), rounds.spread(TextSgemm.NAME), rounds.spread("roof"),
                    rounds.ratio(TextForward.PRODUCTS, TextSgemm.NAME), List.of(), more);
        }
    }
}
