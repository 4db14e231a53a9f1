package io.leanspike.schedule;

import io.leanspike.backend.GpuProperties;
import io.leanspike.backend.MatmulGeometry;
import io.leanspike.backend.WeightKind;

/**
 * How the kernels that take 64 outputs at once cut a product.
 *
 * @param tokens of a block
 * @param steps timesteps of a chunk
 * @param tilesOfBlock tiles that a block goes through
 * @param blocks of the launch
 */
record TileBlocks(int tokens, int steps, int tilesOfBlock, long blocks) {
    private static final int MOST_STEPS = 4;
    /** Three blocks share a multiprocessor; with four rounds of them the last, partial one matters little. */
    private static final int ENOUGH_BLOCKS = 12;
    private static final int MOST_TILES_OF_BLOCK = 4;

    /**
     * @param timesteps that the membranes go through; 1 without membranes, each timestep of a token a row
     * @param tiles of 64 outputs, of all products that share the launch
     */
    static TileBlocks of(GpuProperties gpu, WeightKind kind, int rows, int timesteps, int inputs, int tiles) {
        int steps = timesteps <= 2 ? timesteps : MOST_STEPS;
        int tokensOfPair = MatmulGeometry.PAIR_ROWS / steps;
        int pairs = MatmulGeometry.MOST_PAIRS;
        MatmulGeometry geometry = MatmulGeometry.of(kind);
        // Larger blocks read weights less often; smaller ones leave no multiprocessor idle, and of wide inputs only they fit one.
        while (pairs > 1 && (GatherCrossover.ceil(rows, pairs * tokensOfPair) * tiles < gpu.multiprocessors()
                || geometry.tileSharedBytes(inputs, pairs * tokensOfPair, steps) > gpu.sharedBytesPerBlock())) {
            pairs /= 2;
        }
        long blocksOfTile = GatherCrossover.ceil(rows, pairs * tokensOfPair);
        // One-bit products are over as soon as the spikes are there; of more timesteps than a chunk holds, these would be loaded anew.
        int tilesOfBlock = kind.isLowBit() && timesteps <= steps ? tilesOfBlock(blocksOfTile, tiles, gpu.multiprocessors()) : 1;
        return new TileBlocks(pairs * tokensOfPair, steps, tilesOfBlock, blocksOfTile * GatherCrossover.ceil(tiles, tilesOfBlock));
    }

    /** The more tiles a block has of its spikes the better, as long as there are blocks enough to fill the device again and again. */
    private static int tilesOfBlock(long blocksOfTile, int tiles, int multiprocessors) {
        return Math.clamp(blocksOfTile * tiles / ((long) ENOUGH_BLOCKS * multiprocessors), 1, MOST_TILES_OF_BLOCK);
    }
}
