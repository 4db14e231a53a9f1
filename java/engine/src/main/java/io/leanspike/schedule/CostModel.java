package io.leanspike.schedule;

import io.leanspike.backend.Epilogue;

/**
 * The memory sizes the planner fits tiles into.
 *
 * @param cacheBytes private cache of one core that a tile's currents may fill; by default 384 KiB of a common 1 MiB second-level cache,
 *     since the weights pass through the rest
 */
public record CostModel(long cacheBytes) {
    public static final CostModel DEFAULT = new CostModel(384 * 1024);

    /** Columns of one packed weight panel. */
    private static final int PANEL = 64;

    /** A tile below this many (token, timestep) rows reads weights faster than it uses them. */
    private static final int ENOUGH_ROWS = 256;

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
