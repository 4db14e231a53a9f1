package io.leanspike.bench.gpu;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.leanspike.backend.cuda.LaunchShape;
import org.junit.jupiter.api.Test;

/** Each limit of a multiprocessor, worked out by hand from the rules of the CUDA occupancy calculator. */
class OccupancyTest {
    private static Occupancy of(int threads, int registers, int shared) {
        return Occupancy.of(Architecture.SM_80, new LaunchShape("kernel", 1, threads, shared), new KernelNeeds.Need(registers, 0));
    }

    @Test
    void warpSlotsAreTheLimitOfSmallKernels() {
        assertEquals(new Occupancy(8, 1), of(256, 32, 0));
    }

    @Test
    void blockSlotsAreTheLimitOfBlocksOfOneWarp() {
        assertEquals(new Occupancy(32, 0.5), of(32, 32, 0));
    }

    @Test
    void registersAreGivenToWarpsInUnitsOf256() {
        // 255 * 32 = 8160 -> 8192 a warp: 8 warps of the 65536 registers, one block of 8.
        assertEquals(new Occupancy(1, 256.0 / 2048), of(256, 255, 0));
        // 33 * 32 = 1056 -> 1280 a warp: 51 warps, 6 blocks of 8.
        assertEquals(new Occupancy(6, 6 * 256.0 / 2048), of(256, 33, 0));
    }

    @Test
    void sharedMemoryHasWhatTheSystemKeepsOnTop() {
        // 40 KiB + 1 KiB a block: 4 of the 164 KiB.
        assertEquals(new Occupancy(4, 4 * 128.0 / 2048), of(128, 32, 40 * 1024));
        assertEquals(new Occupancy(3, 3 * 128.0 / 2048), of(128, 32, 40 * 1024 + 1));
    }
}
