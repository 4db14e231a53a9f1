package io.leanspike.backend;

/**
 * Sizes of a weight kind's packed form on a GPU and of the shared memory its kernels take, as weight_kinds.cuh and spike_matmul_*.cuh
 * define them.
 *
 * @param stageWords 64-bit spike words that one stage of weights covers
 * @param sliceBytes of 32 outputs
 * @param gatheredBytes of a weight in the form that spike_gather_matmul reads
 * @param sum how kernel names spell the accumulator
 */
public record MatmulGeometry(int stageWords, int stageSlices, int sliceBytes, int gatheredBytes, String sum) {
    /** Of a block of the tile kernels, which goes through one tile or several; the outputs of a warp of the whole-row kernels too. */
    public static final int TILE_OUTPUTS = 64;
    /** Rows, a token at a timestep each, that two warps of the tile kernels take, and the most such pairs of a block. */
    public static final int PAIR_ROWS = 64;
    public static final int MOST_PAIRS = 2;
    /** Rows of a block of the whole-row kernels, each with the most outputs that it holds. */
    public static final int LARGE_ROWS = 32;
    public static final int WIDEST_LARGE_ROW = 768;
    public static final int SMALL_ROWS = 16;
    public static final int WIDEST_SMALL_ROW = 1024;
    /** Timesteps of one token among those rows: a power of two, at most so many. */
    public static final int MOST_ROW_STEPS = 16;
    /** Stages of weights that a block of the tile kernels has on their way. */
    public static final int STAGES = 3;
    /** In which a warp of the whole-row kernels turns its currents. */
    public static final int TURNED_BYTES = 4096;
    /** Zeroed words behind the last token of a spike chunk. */
    private static final int TAIL_WORDS = 4;

    public static MatmulGeometry of(WeightKind kind) {
        return switch (kind) {
            case F32 -> new MatmulGeometry(1, 4, 2048, 4, "f32");
            case F16 -> new MatmulGeometry(1, 2, 2048, 2, "f32");
            case I8 -> new MatmulGeometry(2, 2, 2048, 1, "s32");
            case TERNARY -> new MatmulGeometry(4, 1, 2048, 1, "s32");
            case BINARY -> new MatmulGeometry(4, 1, 1024, 1, "s32");
        };
    }

    /** Stages that the inputs fill. */
    public int stages(int inputs) {
        return (words(inputs) + stageWords - 1) / stageWords;
    }

    /** Of one stage and 64 outputs. */
    public int stageBytes() {
        return 2 * stageSlices * sliceBytes;
    }

    /** Dynamic shared memory of a block of the tile kernels. */
    public int tileSharedBytes(int inputs, int tokens, int steps) {
        return STAGES * stageBytes() + chunkBytes(inputs, tokens, steps);
    }

    /** Most outputs of a whole-row kernel. @param rows of its block, 16 or 32 */
    public static int widestRow(int rows) {
        return rows == LARGE_ROWS ? WIDEST_LARGE_ROW : WIDEST_SMALL_ROW;
    }

    /** Warps of a block of the whole-row kernels: of 64 outputs each. */
    public static int rowsWarps(int outputs) {
        return words(outputs);
    }

    /** Dynamic shared memory of a block of the whole-row kernels. */
    public int rowsSharedBytes(int inputs, int outputs, int tokens, int steps, int timesteps) {
        int rows = tokens * steps;
        int warps = rowsWarps(outputs);
        int moments = warps * rows * 2 * Float.BYTES;
        int residual = (rows * (words(outputs) | 1) + TAIL_WORDS) * Long.BYTES;
        int carried = timesteps > steps ? tokens * warps * TILE_OUTPUTS * Float.BYTES : 0;
        return warps * TURNED_BYTES + moments + residual + chunkBytes(inputs, rows, 1) + carried;
    }

    /** Dynamic shared memory of a block that gathers: spikes of four timesteps and the list of inputs that spike in any of them. */
    public static int eventBytes(int inputs) {
        int words = words(inputs);
        return ((10 * words + 1 + 3) / 4 * 4 + 64 * words + 4) * Integer.BYTES;
    }

    /** Steps take an even number of words, tokens an odd number of 16 bytes. */
    private static int chunkBytes(int inputs, int tokens, int steps) {
        int stride = ((words(inputs) + 1) / 2 * steps | 1) * 2;
        return (tokens * stride + TAIL_WORDS) * Long.BYTES;
    }

    private static int words(int inputs) {
        return (inputs + 63) / 64;
    }
}
