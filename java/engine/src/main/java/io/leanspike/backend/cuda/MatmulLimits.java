package io.leanspike.backend.cuda;

import io.leanspike.backend.Epilogue;
import io.leanspike.backend.GpuMatmul;
import io.leanspike.backend.GpuMatmul.Form;
import io.leanspike.backend.KernelCall;
import io.leanspike.backend.MatmulGeometry;
import java.util.Optional;

/** What the kernels of a product can hold, and which products have none. */
final class MatmulLimits {
    /** Shared memory that the gathering kernels with a LayerNorm have by themselves. */
    private static final int GATHERED_NORM_BYTES = 256;

    private MatmulLimits() {}

    /** Why no launch serves a call as it is planned; empty where one does. */
    static Optional<String> refusal(KernelCall.SpikeMatmul call, int sharedBytesPerBlock) {
        GpuMatmul variant = GpuMatmul.parse(call.choice().variant());
        if (!hasNorm(call) && variant.form() == Form.SPLIT) {
            return Optional.of("only a LayerNorm is split off");
        }
        if (hasNorm(call) && variant.form() == Form.TENSOR && !variant.kind().isLowBit()) {
            return Optional.of("a LayerNorm after %1$s weights has launches of its own: variant split_%1$s_t1".formatted(variant.kind()));
        }
        if (hasNorm(call) && call.outputs() > widestRow(call, variant)) {
            return Optional.of("a LayerNorm over %d units does not fit one block, which holds %d"
                    .formatted(call.outputs(), widestRow(call, variant)));
        }
        int bytes = sharedBytes(call, variant) + (hasNorm(call) && variant.form() == Form.GATHER ? GATHERED_NORM_BYTES : 0);
        return bytes <= sharedBytesPerBlock ? Optional.empty()
                : Optional.of("with %d inputs a block needs %d bytes of shared memory, and this GPU gives it %d; use --backend cpu"
                        .formatted(call.inputs(), bytes, sharedBytesPerBlock));
    }

    /** Dynamic shared memory of a block of the product itself. */
    static int sharedBytes(KernelCall.SpikeMatmul call, GpuMatmul variant) {
        MatmulGeometry geometry = MatmulGeometry.of(variant.kind());
        int tokens = call.choice().tileRows();
        if (variant.form() == Form.GATHER) {
            return MatmulGeometry.eventBytes(call.inputs());
        }
        return hasNorm(call) && variant.form() == Form.TENSOR
                ? geometry.rowsSharedBytes(call.inputs(), call.outputs(), tokens, variant.steps(), call.timesteps())
                : geometry.tileSharedBytes(call.inputs(), tokens, variant.steps());
    }

    private static boolean hasNorm(KernelCall.SpikeMatmul call) {
        return call.projection().epilogue() == Epilogue.NORM_MEMBRANE;
    }

    private static int widestRow(KernelCall.SpikeMatmul call, GpuMatmul variant) {
        return switch (variant.form()) {
            case TENSOR -> MatmulGeometry.widestRow(call.choice().tileRows() * variant.steps());
            case GATHER -> MatmulLaunch.WIDEST_GATHERED_ROW;
            case SPLIT -> MatmulLaunch.WIDEST_SPLIT_ROW;
        };
    }
}
