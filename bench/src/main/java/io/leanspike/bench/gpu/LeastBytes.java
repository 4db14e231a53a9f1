package io.leanspike.bench.gpu;

import io.leanspike.backend.Epilogue;
import io.leanspike.backend.GpuMatmul;
import io.leanspike.backend.KernelCall;
import io.leanspike.backend.WeightKind;
import io.leanspike.bench.SyntheticBatch;
import io.leanspike.model.ModelConfig;
import io.leanspike.tensor.SpikeTensor;
import java.util.List;

/**
 * The bytes an operation must move whoever computes it: each operand read once, each result written once. Spikes are bits, weights as
 * wide as their kind, and a weight is read whether or not its input spikes. How units differ in their live weights takes a byte a unit.
 */
record LeastBytes(ModelConfig config, SyntheticBatch batch) {

    /** Of each launch that a call makes: two where a LayerNorm is split off, with the real currents between them. */
    List<Double> ofLaunches(KernelCall call) {
        if (call instanceof KernelCall.SpikeMatmul c && GpuMatmul.parse(c.choice().variant()).form() == GpuMatmul.Form.SPLIT) {
            double currents = 4.0 * batch.rows() * c.timesteps() * c.outputs();
            double ofNorm = 2 * 4.0 * c.outputs() + 2 * spikes(c.timesteps(), c.outputs());
            return List.of(matmul(c) - ofNorm + currents, currents + ofNorm);
        }
        return List.of(of(call));
    }

    double of(KernelCall call) {
        if (call instanceof KernelCall.Fused fused) {
            boolean shared = fused.parts().getFirst() instanceof KernelCall.SpikeMatmul;
            double all = fused.parts().stream().mapToDouble(this::of).sum();
            KernelCall first = fused.parts().getFirst();
            return shared ? all - (fused.parts().size() - 1) * input((KernelCall.SpikeMatmul) first) : all;
        }
        int rows = batch.rows();
        return switch (call) {
            case KernelCall.SpikeEncode c -> rows * (4.0 * c.width() + 3 * 4) + 4.0 * c.width() * (batch.length() + 1 + 2)
                    + spikes(c.timesteps(), c.width());
            case KernelCall.SpikeMatmul c -> matmul(c);
            case KernelCall.SpikingAttention c -> 4.0 * rows * c.timesteps() * c.heads().keyWidth()
                    + spikes(c.timesteps(), c.heads().keyWidth()) + 2 * spikes(c.timesteps(), c.heads().valueWidth());
            case KernelCall.SpikeCount c -> spikes(c.timesteps(), c.width()) + 8.0 * batch.sequences();
            case KernelCall.SynapseCount c -> spikes(c.timesteps(), c.width()) + 1.0 * c.width() + 8.0 * batch.sequences();
            case KernelCall.SpikeRetime c -> spikes(c.fromTimesteps(), c.width()) + spikes(c.timesteps(), c.width());
            case KernelCall.UnitCount c -> spikes(c.timesteps(), c.width()) + 4.0 * rows * c.width();
            case KernelCall.MembraneUpdate c -> 4.0 * rows * c.timesteps() * c.width() + spikes(c.timesteps(), c.width());
            case KernelCall.ClassifierHead c -> batch.sequences() * (8.0 * c.timesteps().orElseThrow() * SpikeTensor.wordsPerStep(c.width())
                    + 8.0 * c.labels()) + 4.0 * c.labels() * (c.width() + 1);
            default -> throw new IllegalArgumentException("no CUDA kernel for " + call.operation());
        };
    }

    private double matmul(KernelCall.SpikeMatmul c) {
        boolean norm = c.projection().epilogue() == Epilogue.NORM_MEMBRANE;
        double weights = (double) c.inputs() * c.outputs() * bits(GpuMatmul.parse(c.choice().variant()).kind()) / 8;
        double perOutput = 4.0 * c.outputs() * (norm ? 4 : 2);
        double residual = norm ? spikes(c.timesteps(), c.outputs()) : 0;
        double result = c.projection().epilogue() == Epilogue.REAL
                ? 4.0 * batch.rows() * c.timesteps() * c.outputs() : spikes(c.timesteps(), c.outputs());
        return input(c) + weights + perOutput + residual + result;
    }

    private double input(KernelCall.SpikeMatmul c) {
        return spikes(c.timesteps(), c.inputs());
    }

    private double spikes(int timesteps, int width) {
        return 8.0 * batch.rows() * timesteps * SpikeTensor.wordsPerStep(width);
    }

    private static int bits(WeightKind kind) {
        return switch (kind) {
            case F32 -> 32;
            case F16 -> 16;
            case I8 -> 8;
            case TERNARY -> 2;
            case BINARY -> 1;
        };
    }
}
