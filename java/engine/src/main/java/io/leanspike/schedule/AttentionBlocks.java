package io.leanspike.schedule;

import io.leanspike.backend.GpuAttention;
import io.leanspike.backend.GpuProperties;
import io.leanspike.backend.KernelChoice;
import io.leanspike.model.AttentionHeads;
import java.util.Comparator;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/**
 * A cut of spiking_attention, and what it is estimated to take. Blocks of many tokens read and turn the bits of keys and values less often;
 * blocks of many timesteps keep a device busy that few sequences would leave idle.
 *
 * @param rounds of blocks that a multiprocessor goes through one after the other
 * @param chunks of timesteps that a block goes through
 * @param cycles of a multiprocessor
 */
record AttentionBlocks(GpuAttention cut, long blocks, long rounds, long chunks, double cycles) {
    private static final int SCHEDULERS = 4;
    /** Cycles from one instruction of a warp to its next: alone on its scheduler, and for every other warp there. Nsight Compute, H200. */
    private static final double CYCLES_ALONE = 4.4;
    private static final double CYCLES_SHARED = 0.6;
    /** Warp instructions, counted on the software GPU: for 16 queries at a timestep and 32 columns, from queries to spikes. */
    private static final double OF_QUERIES = 616;
    /** For a row of queries whose neurons a warp takes up. */
    private static final double OF_ROW = 20;
    /** For 32 keys: products, of 32 columns, and softmax. */
    private static final double OF_KEYS = 85;
    private static final double OF_SOFTMAX = 219;
    /** To bring 32 columns of 32 keys and values into shared memory as bits. */
    private static final double OF_BITS = 80;
    /** Cycles until a chunk's queries and bits are there. */
    private static final double MEMORY_LATENCY = 1500;

    /** The fastest cut, among equals the one with most tokens a block. */
    static AttentionBlocks of(GpuProperties gpu, AttentionHeads heads, BatchShape shape, int timesteps) {
        int columns = GpuAttention.headColumns(heads);
        int warps = GpuAttention.mostWarps(columns);
        return powers(warps).flatMap(tiles -> powers(warps / tiles)
                        .map(steps -> new GpuAttention(tiles * GpuAttention.WARP_TOKENS, Math.min(steps, timesteps))))
                .filter(cut -> cut.warps() == 1 || cut.tokens() < shape.longest() + GpuAttention.WARP_TOKENS)
                .filter(cut -> cut.warps() == 1 || cut.sharedBytes(columns, shape.longest(), timesteps) <= gpu.sharedBytesPerBlock())
                .distinct().map(cut -> of(gpu, heads, shape, timesteps, cut))
                .min(Comparator.comparingDouble(AttentionBlocks::cycles).thenComparing(blocks -> -blocks.cut.tokens())).orElseThrow();
    }

    private static Stream<Integer> powers(int most) {
        return IntStream.iterate(1, power -> power <= most, power -> 2 * power).boxed();
    }

    private static AttentionBlocks of(GpuProperties gpu, AttentionHeads heads, BatchShape shape, int timesteps, GpuAttention cut) {
        int columns = GpuAttention.headColumns(heads);
        long blocks = GatherCrossover.ceil(shape.longest(), cut.tokens()) * heads.count() * shape.sequences();
        long fitting = Math.min(GpuAttention.mostWarps(columns) / cut.warps(),
                gpu.sharedBytesPerBlock() / cut.sharedBytes(columns, shape.longest(), timesteps));
        long together = Math.max(1, Math.min(fitting, GatherCrossover.ceil(blocks, gpu.multiprocessors())));
        long rounds = GatherCrossover.ceil(blocks, together * gpu.multiprocessors());
        long chunks = GatherCrossover.ceil(timesteps, cut.steps());
        double words = GatherCrossover.ceil(columns, 32);
        long keys = GatherCrossover.ceil(shape.longest(), 32);
        double tiles = (double) cut.tokens() / GpuAttention.WARP_TOKENS;
        double instructions = words * OF_QUERIES + (double) GpuAttention.WARP_TOKENS / cut.steps() * OF_ROW
                + keys * (OF_SOFTMAX + words * OF_KEYS) + Math.ceil(keys / tiles) * words * OF_BITS;
        double warpsOfScheduler = Math.max(1, (double) together * cut.warps() / SCHEDULERS);
        double cycles = instructions * (CYCLES_ALONE + CYCLES_SHARED * (warpsOfScheduler - 1)) + MEMORY_LATENCY / together;
        return new AttentionBlocks(cut, blocks, rounds, chunks, rounds * chunks * cycles);
    }

    KernelChoice choice(GpuProperties gpu, int timesteps) {
        return cut.choice("keys and values stay bits; padding takes no part; %d blocks for %d multiprocessors, %d of T = %d at once"
                .formatted(blocks, gpu.multiprocessors(), cut.steps(), timesteps));
    }
}
