package io.leanspike.schedule;

import io.leanspike.backend.CpuMatmul;
import io.leanspike.backend.Epilogue;
import io.leanspike.tensor.LowBitMatrix;
import io.leanspike.tensor.WeightMatrix;

/**
 * The sizes and speeds by which the planner chooses kernels and tiles on a CPU.
 *
 * @param cacheBytes private cache of one core that a tile's currents may fill; by default 384 KiB of a common 1 MiB second-level cache,
 *     since the weights pass through the rest
 * @param planesDensity share of spiking inputs above which weights of -1, 0 and 1 are faster as bit planes than as bytes. Measured where a
 *     vector popcount is one instruction (AVX-512 VPOPCNTDQ, Zen 5, one core): bytes 4121, 1635 and 768 GMAC/s at 5, 20 and 50%, planes
 *     1353 at any, so they meet at 26%
 */
public record CostModel(long cacheBytes, double planesDensity) {
    public static final CostModel DEFAULT = new CostModel(384 * 1024, 0.26);

    /** Columns of one packed weight panel. */
    private static final int PANEL = 64;

    /** A tile below this many (token, timestep) rows reads weights faster than it uses them. */
    private static final int ENOUGH_ROWS = 256;

    /**
     * The form of a product's weights.
     *
     * @param density share of the inputs that spike in a timestep
     */
    public CpuMatmul form(WeightMatrix weights, double density) {
        if (!(weights instanceof LowBitMatrix)) {
            return CpuMatmul.FLOATS;
        }
        return density > planesDensity || weights.columns() > CpuMatmul.MOST_BYTE_INPUTS ? CpuMatmul.PLANES : CpuMatmul.BYTES;
    }

    /**
     * Tokens a work item of a product takes: enough rows to use each weight block often, few enough that their float currents stay in
     * the cache and that every thread gets work. Epilogues with a LayerNorm hold whole rows, the others one panel of columns.
     *
     * @param timesteps rows of the product that one token makes
     */
    public int tileRows(Epilogue epilogue, int rows, int timesteps, int outputs, int threads) {
        long columns = epilogue == Epilogue.NORM_MEMBRANE ? outputs : Math.min(outputs, PANEL);
        long fitting = Math.max(1, cacheBytes / (columns * timesteps * Float.BYTES));
        long wanted = Math.max(1, (ENOUGH_ROWS + timesteps - 1) / timesteps);
        long share = Math.max(1, (rows + threads - 1L) / threads);
        return (int) Math.min(Math.min(fitting, wanted), share);
    }
}
