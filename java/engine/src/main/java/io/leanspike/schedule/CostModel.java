package io.leanspike.schedule;

import io.leanspike.backend.CpuMatmul;
import io.leanspike.backend.Epilogue;
import io.leanspike.backend.Reason;
import io.leanspike.backend.WeightKind;
import io.leanspike.tensor.WeightMatrix;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * The sizes and speeds by which the planner chooses kernels and tiles on a CPU. {@link CostFile} reads what {@code leanspike bench tune}
 * measured.
 *
 * @param cacheBytes private cache of one core that a tile's currents may fill; by default 384 KiB of a common 1 MiB second-level cache,
 *     since the weights pass through the rest
 * @param kernels at most one for each variant, kind of weights and kernel; kernels without one are taken only where there is no other
 */
public record CostModel(long cacheBytes, List<KernelCost> kernels) {
    /** As measured on a Zen 5 core with every variant forced in turn. */
    public static final CostModel DEFAULT = CostFile.shipped();

    /** Columns of one packed weight panel. */
    private static final int PANEL = 64;

    /** A tile below this many (token, timestep) rows reads weights faster than it uses them. */
    private static final int ENOUGH_ROWS = 256;

    /** A kernel and why it was chosen. */
    record Choice(CpuMatmul kernel, Reason reason) {}

    public CostModel {
        kernels = List.copyOf(kernels);
    }

    /**
     * The kernel of a product: the one that is predicted to be the fastest.
     *
     * @param variant of the backend's kernels
     * @param tile tokens a work item takes
     * @param density share of the inputs that spike in a timestep
     */
    Choice kernel(String variant, WeightMatrix weights, int rows, int timesteps, int tile, double density) {
        List<CpuMatmul> able = CpuMatmul.of(weights);
        if (able.size() == 1) {
            return new Choice(able.getFirst(), Reason.of("the only kernel for such weights"));
        }
        WeightKind kind = WeightKind.keeping(List.of(weights));
        long passes = (rows + tile - 1L) / tile;
        CpuMatmul fastest = able.getFirst();
        double least = Double.POSITIVE_INFINITY;
        Reason reason = Reason.of("%.1f%% of the inputs spike, a core would take", 100 * density);
        for (CpuMatmul kernel : able) {
            Optional<KernelCost> cost = cost(variant, kind, kernel);
            if (cost.isPresent()) {
                double seconds = cost.get().seconds((long) rows * timesteps, passes, weights.columns(), weights.rows(), density);
                reason = reason.and(least < Double.POSITIVE_INFINITY ? ", %.3g ms by %s" : " %.3g ms by %s", 1e3 * seconds, kernel);
                if (seconds < least) {
                    least = seconds;
                    fastest = kernel;
                }
            }
        }
        return new Choice(fastest, least < Double.POSITIVE_INFINITY ? reason : Reason.of("nothing measured for " + variant));
    }

    private Optional<KernelCost> cost(String variant, WeightKind kind, CpuMatmul kernel) {
        return kernels.stream().filter(cost -> cost.variant().equals(variant) && cost.weights() == kind && cost.kernel() == kernel).findFirst();
    }

    /** These costs, and the others' for the kernels that these say nothing about. */
    CostModel orElse(CostModel others) {
        List<KernelCost> all = new ArrayList<>(kernels);
        others.kernels.stream().filter(cost -> cost(cost.variant(), cost.weights(), cost.kernel()).isEmpty()).forEach(all::add);
        return new CostModel(cacheBytes, all);
    }

    /**
     * Tokens a work item of a product takes: enough rows to use each weight block often, few enough that their float currents stay in
     * the cache and that every thread gets work, and as much as the others. Epilogues with a LayerNorm hold whole rows, the others one panel of
     * columns.
     *
     * @param timesteps rows of the product that one token makes
     */
    public int tileRows(Epilogue epilogue, int rows, int timesteps, int outputs, int threads) {
        long columns = epilogue == Epilogue.NORM_MEMBRANE ? outputs : Math.min(outputs, PANEL);
        long fitting = Math.max(1, cacheBytes / (columns * timesteps * Float.BYTES));
        long wanted = Math.max(1, (ENOUGH_ROWS + timesteps - 1) / timesteps);
        long share = Math.max(1, (rows + threads - 1L) / threads);
        long most = Math.min(Math.min(fitting, wanted), share);
        long rounds = (rows + most * threads - 1) / (most * threads);
        return (int) ((rows + rounds * threads - 1) / (rounds * threads));
    }
}
