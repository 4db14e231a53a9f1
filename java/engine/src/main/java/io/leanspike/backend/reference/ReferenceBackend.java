package io.leanspike.backend.reference;

import io.leanspike.backend.Backend;
import io.leanspike.backend.KernelCall;
import io.leanspike.backend.LoadedModel;
import io.leanspike.model.EncoderWeights;
import io.leanspike.model.ModelConfig;
import java.util.Optional;
import java.util.concurrent.ForkJoinPool;

/** The oracle: every operation in plain Java and float64, row by row. Rows are shared out to threads; results do not depend on them. */
public final class ReferenceBackend implements Backend {
    private final ForkJoinPool pool;

    /** @param threads at least 1 */
    public ReferenceBackend(int threads) {
        if (threads < 1) {
            throw new IllegalArgumentException("threads must be at least 1, not " + threads);
        }
        pool = new ForkJoinPool(threads);
    }

    @Override
    public String name() {
        return "reference";
    }

    @Override
    public String device() {
        return "plain Java, float64";
    }

    @Override
    public String variant() {
        return "float64";
    }

    @Override
    public int threads() {
        return pool.getParallelism();
    }

    @Override
    public Optional<String> refusal(KernelCall call) {
        return call instanceof KernelCall.Fused ? Optional.of("every call is a call of its own") : Optional.empty();
    }

    @Override
    public LoadedModel load(ModelConfig config, EncoderWeights weights) {
        return new ReferenceModel(config, weights, pool);
    }

    @Override
    public void close() {
        pool.close();
    }
}
