package io.leanspike.backend.reference;

import io.leanspike.backend.LoadedModel;
import io.leanspike.backend.Projection;
import io.leanspike.backend.TokenBatch;
import io.leanspike.model.EncoderWeights;
import io.leanspike.model.LayerWeights;
import io.leanspike.model.ModelConfig;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ForkJoinPool;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.IntConsumer;
import java.util.stream.IntStream;

/** Weights as the oracle reads them. */
final class ReferenceModel implements LoadedModel {
    private final ModelConfig config;
    private final EncoderWeights weights;
    private final ForkJoinPool pool;
    private final List<Map<Projection, Accumulation>> layers = new ArrayList<>();
    private final Runnable release;
    private final AtomicBoolean closed = new AtomicBoolean();

    /** @param release run once, when the model is closed */
    ReferenceModel(ModelConfig config, EncoderWeights weights, ForkJoinPool pool, Runnable release) {
        this.release = release;
        this.config = config;
        this.weights = weights;
        this.pool = pool;
        for (LayerWeights layer : weights.layers()) {
            Map<Projection, Accumulation> products = new EnumMap<>(Projection.class);
            for (Projection projection : Projection.values()) {
                products.put(projection, new Accumulation(projection.weights(layer)));
            }
            layers.add(products);
        }
    }

    ModelConfig config() {
        return config;
    }

    EncoderWeights weights() {
        return weights;
    }

    Accumulation product(int layer, Projection projection) {
        return layers.get(layer).get(projection);
    }

    /** Runs the body once for every row, on the backend's threads. */
    void forEach(int rows, IntConsumer body) {
        pool.submit(() -> IntStream.range(0, rows).parallel().forEach(body)).join();
    }

    @Override
    public ReferenceRun begin(TokenBatch batch, Retention retention) {
        if (closed.get()) {
            throw new IllegalStateException("the model is closed");
        }
        return new ReferenceRun(this, batch);
    }

    @Override
    public void close() {
        if (closed.compareAndSet(false, true)) {
            release.run();
        }
    }
}
