package io.leanspike.bench.gpu;

import io.leanspike.backend.cuda.LaunchShape;

/**
 * How much of a multiprocessor's warp slots a kernel can fill, by the rules of the CUDA occupancy calculator: registers are given to warps
 * in units of 256, shared memory to blocks in units of 128 bytes beside 1024 that the system keeps.
 *
 * @param blocks that fit on a multiprocessor together
 * @param warps of them, over the most a multiprocessor holds
 */
record Occupancy(int blocks, double warps) {
    private static final int LANES = 32;
    private static final int REGISTER_UNIT = 256;
    private static final int SHARED_UNIT = 128;
    private static final int SHARED_KEPT = 1024;

    static Occupancy of(Architecture gpu, LaunchShape launch, KernelNeeds.Need need) {
        int warps = (launch.threads() + LANES - 1) / LANES;
        int registersOfWarp = up(need.registers() * LANES, REGISTER_UNIT);
        int shared = up(launch.dynamicSharedBytes() + need.staticSharedBytes() + SHARED_KEPT, SHARED_UNIT);
        int blocks = Math.min(Math.min(gpu.blocks, gpu.threads / (warps * LANES)),
                Math.min(Architecture.REGISTERS / registersOfWarp / warps, gpu.sharedBytes / shared));
        return new Occupancy(blocks, (double) blocks * warps * LANES / gpu.threads);
    }

    private static int up(int size, int unit) {
        return (size + unit - 1) / unit * unit;
    }
}
