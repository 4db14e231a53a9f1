package io.leanspike.bench;

import io.leanspike.backend.BatchRun;
import io.leanspike.backend.KernelCall;
import io.leanspike.schedule.ExecutionPlan;
import io.leanspike.text.LengthBatch;
import java.util.List;
import java.util.Map;

/** Forward passes over a whole text, call by call: the time of the products apart from everything else, planning included. */
final class TextForward implements Contender {
    static final String PRODUCTS = "products";
    static final String SENTENCES = "sentences_per_second";
    static final String PRODUCT_SHARE = "product_time_share";

    private final TokenizedText text;

    TextForward(TokenizedText text) {
        this.text = text;
    }

    /** GMAC/s of the products, sentences a second, and the products' share of the time. */
    @Override
    public Map<String, Double> sample() {
        Contender.pause();
        double gmac = 0;
        long productNanos = 0;
        long start = System.nanoTime();
        for (LengthBatch batch : text.batches()) {
            ExecutionPlan plan = text.plan(batch.tokens());
            try (BatchRun run = text.begin(batch.tokens())) {
                for (KernelCall call : plan.calls()) {
                    long before = System.nanoTime();
                    run.execute(List.of(call));
                    long nanos = System.nanoTime() - before;
                    double products = Work.productGmac(call, batch.tokens().rows());
                    if (products > 0) {
                        productNanos += nanos;
                        gmac += products;
                    }
                }
                run.logits();
            }
        }
        double seconds = (System.nanoTime() - start) * 1e-9;
        double productSeconds = productNanos * 1e-9;
        return Map.of(PRODUCTS, gmac / productSeconds, SENTENCES, text.sentences() / seconds, PRODUCT_SHARE, productSeconds / seconds);
    }
}
