package io.leanspike.train.nn;

import ai.djl.Device;
import ai.djl.engine.Engine;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.NDScope;
import ai.djl.ndarray.types.Shape;
import ai.djl.ndarray.types.SparseFormat;
import ai.djl.nn.convolutional.Conv2d;
import ai.djl.nn.core.Embedding;
import ai.djl.nn.norm.Dropout;
import ai.djl.nn.norm.LayerNorm;
import io.leanspike.error.InvalidInputException;
import java.util.function.Supplier;

/**
 * PyTorch through DJL: the engine, and its fused operations as functions of arrays. Arrays made inside an
 * {@link ai.djl.ndarray.NDScope} are freed with it, whichever manager they hang on.
 */
public final class Torch {
    private static final Shape ONE = new Shape(1, 1);
    private static final Shape NO_PADDING = new Shape(0, 0);
    private static final Shape ONE_DNN = new Shape(2, 2);

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

    /** Where a training computes. */
    public enum Compute {
        CPU,
        /** The first NVIDIA GPU. */
        CUDA
    }

    /**
     * A manager for what lives as long as the training, on a device; everything that is made of its arrays is there too.
     *
     * @throws InvalidInputException when PyTorch finds no such device; the message says what to install
     */
    public static NDManager manager(Compute compute) {
        Engine engine = engine();
        if (compute == Compute.CUDA && engine.getGpuCount() == 0) {
            String version = engine.getVersion();
            throw new InvalidInputException(
                    ("--device cuda: PyTorch %s, as it is installed here, finds no GPU. Needed are an NVIDIA GPU with a "
                    + "driver for CUDA 12.8, and libtorch %s for CUDA 12.8: set PYTORCH_LIBRARY_PATH to its lib folder, PYTORCH_VERSION=%s and "
                    + "PYTORCH_FLAVOR=cu128").formatted(version, version, version));
        }
        return engine.newBaseManager(compute == Compute.CUDA ? Device.gpu() : Device.cpu());
    }

    /** A manager for what lives as long as the training, on the CPU. */
    public static NDManager manager() {
        return manager(Compute.CPU);
    }

    /**
     * {@code x W^T + b} over the last axis; W [outputs, inputs].
     *
     * <p>Computed as a convolution with a kernel of one element over rows that lie channels last, in float32 all the same: PyTorch
     * gives convolutions to oneDNN, which uses AVX-512 on any processor that has it, and plain products to MKL, which keeps to AVX2
     * on AMD's: 1.9 times as fast forwards and backwards on a Zen 5. The dilation, without meaning for one element, is what sends it
     * to oneDNN on one thread too.
     */
    public static NDArray linear(NDArray x, NDArray weight, NDArray bias) {
        Shape shape = x.getShape();
        long inputs = weight.getShape().get(1);
        long outputs = weight.getShape().get(0);
        NDArray rows = x.reshape(1, shape.size() / inputs, 1, inputs).transpose(0, 3, 1, 2);
        NDArray made = Conv2d.conv2d(rows, weight.reshape(outputs, inputs, 1, 1), bias, ONE, NO_PADDING, ONE_DNN, 1).singletonOrThrow();
        return made.transpose(0, 2, 3, 1).reshape(shape.slice(0, shape.dimension() - 1).add(outputs));
    }

    /**
     * {@code x factor}, where gradients are collected. {@link NDArray#mul(Number)} and {@link NDArray#div(Number)} keep the number in
     * memory of Java's, which is free to go before the gradient graph reads it again in the backward pass; this one's is PyTorch's own.
     */
    public static NDArray times(NDArray x, double factor) {
        try (NDArray borrowed = x.getManager().create((float) factor); NDArray owned = borrowed.duplicate()) {
            return x.mul(owned);
        }
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
