package io.leanspike.backend.cpu;

import io.leanspike.backend.Backend;
import io.leanspike.backend.KernelCall;
import io.leanspike.backend.LoadedModel;
import io.leanspike.backend.cpu.bindings.LeanSpikeNative;
import io.leanspike.model.EncoderWeights;
import io.leanspike.model.ModelConfig;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicBoolean;

/** Native kernels on the CPU: float32 weights, bit-packed spikes. */
public final class CpuBackend implements Backend {
    private final NativeContext context;
    private final int threads;
    private final AtomicBoolean closed = new AtomicBoolean();

    /**
     * With the best variant of this machine.
     *
     * @param threads at least 1
     * @throws UnsupportedOperationException when the native library is absent; the message says why
     */
    public CpuBackend(int threads) {
        this(threads, LeanSpikeNative.LEANSPIKE_VARIANT_BEST());
    }

    /** With a given variant. @throws UnsupportedOperationException also when this machine cannot run it */
    public CpuBackend(int threads, Variant variant) {
        this(threads, variant.code());
    }

    private CpuBackend(int threads, int variantCode) {
        NativeLibrary.absence().ifPresent(why -> {
            throw new UnsupportedOperationException(why);
        });
        this.threads = threads;
        context = new NativeContext(threads, variantCode);
    }

    @Override
    public String name() {
        return "cpu";
    }

    @Override
    public String device() {
        return System.getProperty("os.arch") + " " + context.variant() + ", " + threads + (threads == 1 ? " thread" : " threads");
    }

    @Override
    public String variant() {
        return context.variant().toString();
    }

    @Override
    public int threads() {
        return threads;
    }

    @Override
    public Optional<String> refusal(KernelCall call) {
        boolean products = call.parts().stream().allMatch(KernelCall.SpikeMatmul.class::isInstance);
        return call instanceof KernelCall.Fused && !products ? Optional.of("only products share a launch") : Optional.empty();
    }

    @Override
    public LoadedModel load(ModelConfig config, EncoderWeights weights) {
        if (closed.get()) {
            throw new IllegalStateException("the backend is closed");
        }
        return new CpuModel(context, config, weights);
    }

    @Override
    public void close() {
        if (closed.compareAndSet(false, true)) {
            context.close();
        }
    }
}
