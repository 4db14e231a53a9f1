package io.leanspike.train.nn;

import ai.djl.engine.Engine;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.NDScope;
import ai.djl.ndarray.types.Shape;
import ai.djl.ndarray.types.SparseFormat;
import ai.djl.nn.core.Embedding;
import ai.djl.nn.core.Linear;
import ai.djl.nn.norm.Dropout;
import ai.djl.nn.norm.LayerNorm;
import java.util.function.Supplier;

/**
 * PyTorch through DJL: the engine, and its fused operations as functions of arrays. Arrays made inside an
 * {@link ai.djl.ndarray.NDScope} are freed with it, whichever manager they hang on.
 */
public final class Torch {
    private Torch() {}

    /** The engine, started without a network connection. */
    public static Engine engine() {
        System.setProperty("ai.djl.offline", "true");
        return Engine.getEngine("PyTorch");
    }

    /** How many threads an operation may use; to be said before the engine starts. */
    public static void useThreads(int threads) {
        System.setProperty("ai.djl.pytorch.num_threads", Integer.toString(threads));
    }

    /** A manager for what lives as long as the training. */
    public static NDManager manager() {
        return engine().newBaseManager();
    }

    /** {@code x W^T + b} over the last axis; W [outputs, inputs]. */
    public static NDArray linear(NDArray x, NDArray weight, NDArray bias) {
        return Linear.linear(x, weight, bias).singletonOrThrow();
    }

    /** LayerNorm over the last axis, biased variance, eps inside the root. */
    public static NDArray layerNorm(NDArray x, NDArray gain, NDArray shift, float eps) {
        return LayerNorm.layerNorm(x, new Shape(gain.getShape().get(0)), gain, shift, eps).singletonOrThrow();
    }

    /** erf GELU. */
    public static NDArray gelu(NDArray x) {
        return x.getNDArrayInternal().gelu();
    }

    /** Inverted dropout; the identity at rate 0. */
    public static NDArray dropout(NDArray x, float rate) {
        return rate == 0 ? x : Dropout.dropout(x, rate, true).singletonOrThrow();
    }

    /** Rows of a table: ids of any shape, int64, to [ids..., columns]. */
    public static NDArray rows(NDArray ids, NDArray table) {
        return Embedding.embedding(ids, table, SparseFormat.DENSE).singletonOrThrow();
    }

    /**
     * Runs a computation and frees what it made, but for its results. Without this, everything lives to the end of the step,
     * whether gradients need it or not.
     */
    public static NDList keeping(Supplier<NDList> computation) {
        NDList results;
        try (NDScope scope = new NDScope()) {
            scope.suppressNotUsedWarning();
            results = computation.get();
            results.forEach(NDScope::unregister);
        }
        results.forEach(NDScope::register);
        return results;
    }

    /**
     * {@code value} in the forward pass, the gradient of {@code path} in the backward pass. {@code path - path} is exactly zero, so
     * that the value stays what it is to the last bit.
     */
    public static NDArray straightThrough(NDArray path, NDArray value) {
        return path.sub(path.stopGradient()).add(value.stopGradient());
    }
}
