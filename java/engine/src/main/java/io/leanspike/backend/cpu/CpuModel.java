package io.leanspike.backend.cpu;

import io.leanspike.backend.BatchRun;
import io.leanspike.backend.CpuMatmul;
import io.leanspike.backend.Holders;
import io.leanspike.backend.LoadedModel;
import io.leanspike.backend.Projection;
import io.leanspike.backend.Readers;
import io.leanspike.backend.TokenBatch;
import io.leanspike.model.EmbeddingWeights;
import io.leanspike.model.EncoderWeights;
import io.leanspike.model.LayerNormWeights;
import io.leanspike.model.LayerWeights;
import io.leanspike.model.LinearWeights;
import io.leanspike.model.ModelConfig;
import io.leanspike.tensor.WeightMatrix;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentLinkedDeque;
import java.util.concurrent.atomic.AtomicBoolean;

/** Packed weights, and the batch memory that runs borrow and give back, so that a steady stream of batches allocates nothing. */
final class CpuModel implements LoadedModel {
    /** LayerNorm parameters off-heap. */
    record Norm(MemorySegment weight, MemorySegment bias, float eps) {}

    /** A product with its optional LayerNorm. */
    record Product(PackedLinear linear, Optional<Norm> norm) {}

    /** A product in one of the forms it can be packed in. */
    private record Packing(int layer, Projection projection, CpuMatmul form) {}

    /** The products that read one population. */
    private record Reading(int layer, Readers readers) {}

    /** The embedding tables as the ABI's matrices, and their LayerNorm. */
    record Embeddings(MemorySegment word, MemorySegment position, MemorySegment tokenType, Norm norm) {}

    private final NativeContext context;
    private final Arena arena = Arena.ofShared();
    private final int hiddenSize;
    private final Embeddings embeddings;
    private final EncoderWeights weights;
    private final Map<Packing, Product> products = new HashMap<>();
    private final Map<Reading, Synapses> synapses = new HashMap<>();
    private final MemorySegment classifierWeight;
    private final MemorySegment classifierBias;
    private final int labels;
    private final ConcurrentLinkedDeque<Workspace> idle = new ConcurrentLinkedDeque<>();
    /** The open model and each open run. */
    private final Holders users = new Holders();
    private final AtomicBoolean closed = new AtomicBoolean();

    CpuModel(NativeContext context, ModelConfig config, EncoderWeights weights) {
        this.context = context.retain();
        this.weights = weights;
        hiddenSize = config.hiddenSize();
        try {
            embeddings = new Embeddings(
                    NativeMatrix.of(weights.embeddings().word(), arena),
                    NativeMatrix.of(weights.embeddings().position(), arena),
                    NativeMatrix.of(weights.embeddings().tokenType(), arena),
                    norm(weights.embeddings().norm()));
            LinearWeights classifier = weights.classifier();
            classifierWeight = dense(classifier.weight());
            classifierBias = arena.allocateFrom(ValueLayout.JAVA_FLOAT, classifier.bias());
            labels = classifier.outputs();
        } catch (RuntimeException | Error e) {
            arena.close();
            context.close();
            throw e;
        }
    }

    private Norm norm(LayerNormWeights norm) {
        return new Norm(arena.allocateFrom(ValueLayout.JAVA_FLOAT, norm.weight()),
                arena.allocateFrom(ValueLayout.JAVA_FLOAT, norm.bias()), norm.eps());
    }

    private MemorySegment dense(WeightMatrix matrix) {
        MemorySegment out = arena.allocate(ValueLayout.JAVA_FLOAT, (long) matrix.rows() * matrix.columns());
        for (int r = 0; r < matrix.rows(); r++) {
            for (int c = 0; c < matrix.columns(); c++) {
                out.setAtIndex(ValueLayout.JAVA_FLOAT, (long) r * matrix.columns() + c, (float) matrix.get(r, c));
            }
        }
        return out;
    }

    MemorySegment context() {
        return context.handle();
    }

    int hiddenSize() {
        return hiddenSize;
    }

    /** @throws IllegalStateException when the checkpoint that holds the tables has been closed */
    Embeddings embeddings() {
        EmbeddingWeights tables = weights.embeddings();
        if (!tables.word().isOpen() || !tables.position().isOpen() || !tables.tokenType().isOpen()) {
            throw new IllegalStateException("the checkpoint of this model is closed");
        }
        return embeddings;
    }

    /** Packed when a plan first asks for this form: few models need more than one of each product. */
    synchronized Product product(int layer, Projection projection, CpuMatmul form) {
        return products.computeIfAbsent(new Packing(layer, projection, form), packing -> {
            LayerWeights of = weights.layers().get(layer);
            return new Product(PackedLinear.of(context, projection.weights(of), form, arena), projection.norm(of).map(this::norm));
        });
    }

    synchronized Synapses synapses(int layer, Readers readers) {
        return synapses.computeIfAbsent(new Reading(layer, readers),
                reading -> Synapses.of(readers.fanOut(weights.layers().get(layer)), arena));
    }

    MemorySegment classifierWeight() {
        return classifierWeight;
    }

    MemorySegment classifierBias() {
        return classifierBias;
    }

    int labels() {
        return labels;
    }

    @Override
    public BatchRun begin(TokenBatch batch, Retention retention) {
        if (closed.get()) {
            throw new IllegalStateException("the model is closed");
        }
        users.join("the model");
        Workspace workspace = Optional.ofNullable(idle.pollFirst()).orElseGet(Workspace::new);
        try {
            return new CpuRun(this, workspace, batch, retention);
        } catch (RuntimeException | Error e) {
            giveBack(workspace);
            throw e;
        }
    }

    void giveBack(Workspace workspace) {
        idle.addFirst(workspace);
        release();
    }

    private void release() {
        users.leave(() -> {
            idle.forEach(Workspace::close);
            idle.clear();
            arena.close();
            context.close();
        });
    }

    /** No new run can begin; the memory is freed now, or when the last open run closes. */
    @Override
    public void close() {
        if (closed.compareAndSet(false, true)) {
            release();
        }
    }
}
