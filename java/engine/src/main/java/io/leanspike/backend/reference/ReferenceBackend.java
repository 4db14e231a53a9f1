package io.leanspike.backend.reference;

import io.leanspike.backend.Backend;
import io.leanspike.backend.Holders;
import io.leanspike.backend.KernelCall;
import io.leanspike.backend.LoadedModel;
import io.leanspike.model.EncoderWeights;
import io.leanspike.model.ModelConfig;
import java.util.Optional;
import java.util.concurrent.ForkJoinPool;
import java.util.concurrent.atomic.AtomicBoolean;

/** The oracle: every operation in plain Java and float64, row by row. Rows are shared out to threads; results do not depend on them. */
public final class ReferenceBackend implements Backend {
    private final ForkJoinPool pool;
    /** The backend and every open model. */
    private final Holders holders = new Holders();
    private final AtomicBoolean closed = new AtomicBoolean();

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
        if (closed.get()) {
            throw new IllegalStateException("the backend is closed");
        }
        holders.join("the backend");
        try {
            return new ReferenceModel(config, weights, pool, this::leave);
        } catch (RuntimeException | Error e) {
            leave();
            throw e;
        }
    }

    @Override
    public void close() {
        if (closed.compareAndSet(false, true)) {
            leave();
        }
    }

    private void leave() {
        holders.leave(pool::close);
    }
}
