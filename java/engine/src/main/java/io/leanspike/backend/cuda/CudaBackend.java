package io.leanspike.backend.cuda;

import io.leanspike.backend.Backend;
import io.leanspike.backend.GpuProperties;
import io.leanspike.backend.KernelCall;
import io.leanspike.backend.LoadedModel;
import io.leanspike.model.AttentionHeads;
import io.leanspike.model.EncoderWeights;
import io.leanspike.model.ModelConfig;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/** CUDA kernels on one or several devices of one driver. */
public final class CudaBackend implements Backend {
    static final int WIDEST_HEAD = 128;

    private final List<CudaDevice> devices;
    private final boolean software;
    private final AtomicBoolean closed = new AtomicBoolean();

    /**
     * @param ordinals the driver's numbers of the devices to use; empty = all
     * @param software the software GPU instead of libcuda
     * @throws UnsupportedOperationException when there is no driver or no such device; the message says why
     */
    public CudaBackend(List<Integer> ordinals, boolean software) {
        this.software = software;
        CudaDriver.absence(software).ifPresent(why -> {
            throw new UnsupportedOperationException(why);
        });
        int count = CudaDriver.devices();
        List<Integer> wanted = ordinals.isEmpty() ? IntStream.range(0, count).boxed().toList() : ordinals;
        for (int ordinal : wanted) {
            if (ordinal < 0 || ordinal >= count) {
                throw new UnsupportedOperationException("there is no CUDA device %d: the driver has %d".formatted(ordinal, count));
            }
        }
        devices = Owned.whole(opened -> wanted.stream().map(ordinal -> opened.add(new CudaDevice(ordinal, software))).toList());
    }

    @Override
    public String name() {
        return "cuda";
    }

    @Override
    public String device() {
        return devices.stream().map(CudaDevice::describe).collect(Collectors.joining(", "));
    }

    @Override
    public String variant() {
        return software ? "software" : "sm_" + devices.getFirst().architecture();
    }

    @Override
    public int threads() {
        return devices.size();
    }

    @Override
    public Optional<GpuProperties> gpu() {
        CudaDevice first = devices.getFirst();
        return Optional.of(new GpuProperties(first.architecture(), first.multiprocessors(), first.sharedBytesPerBlock()));
    }

    @Override
    public Optional<String> refusal(KernelCall call) {
        return switch (call) {
            case KernelCall.Fused c when !LaunchBuilder.fitOneLaunch(c.parts()) -> Optional.of(LaunchBuilder.ONE_LAUNCH);
            case KernelCall.Fused c -> c.parts().stream().map(this::refusal).flatMap(Optional::stream).findFirst();
            case KernelCall.RateEncode c -> equilibrium();
            case KernelCall.RateMatmul c -> equilibrium();
            case KernelCall.RateAttention c -> equilibrium();
            case KernelCall.SpikeMatmul c -> MatmulLimits.refusal(c, devices.getFirst().sharedBytesPerBlock());
            case KernelCall.SpikingAttention c when widestHead(c.heads()) > WIDEST_HEAD ->
                    Optional.of("a head of %d units is wider than the kernels' %d".formatted(widestHead(c.heads()), WIDEST_HEAD));
            case KernelCall.ClassifierHead c when c.timesteps().isEmpty() -> equilibrium();
            default -> Optional.empty();
        };
    }

    private static int widestHead(AttentionHeads heads) {
        return Math.max(Collections.max(heads.keySizes()), Collections.max(heads.valueSizes()));
    }

    private static Optional<String> equilibrium() {
        return Optional.of("equilibrium mode has no CUDA kernels; use --backend cpu");
    }

    @Override
    public LoadedModel load(ModelConfig config, EncoderWeights weights) {
        if (closed.get()) {
            throw new IllegalStateException("the backend is closed");
        }
        return new CudaModel(devices, config, weights);
    }

    @Override
    public void close() {
        if (closed.compareAndSet(false, true)) {
            Owned.close(devices);
        }
    }
}
