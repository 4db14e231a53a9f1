package io.leanspike.backend;

import io.leanspike.model.AttentionHeads;
import java.util.Collections;

/**
 * How spiking_attention cuts its work on a GPU, spelled {@code f32_t4} with its tokens as the tile in plans. A block has a warp for every
 * 16 queries and timestep that it works on at once. Its results do not depend on the cut.
 *
 * @param tokens queries of a block, a multiple of 16
 * @param steps timesteps of a chunk; more of them follow in chunks, the membranes carried
 */
public record GpuAttention(int tokens, int steps) {
    /** Queries of a warp. */
    public static final int WARP_TOKENS = 16;
    private static final String PREFIX = "f32_t";

    /** @throws IllegalArgumentException when there is no such cut */
    public GpuAttention {
        if (tokens < WARP_TOKENS || tokens % WARP_TOKENS != 0 || steps < 1) {
            throw new IllegalArgumentException("spiking_attention takes tokens by %d and a timestep or more, not %d and %d"
                    .formatted(WARP_TOKENS, tokens, steps));
        }
    }

    /** Of a planned call. @throws IllegalArgumentException when its choice is none of spiking_attention's */
    public static GpuAttention of(KernelChoice choice) {
        if (!choice.variant().matches(PREFIX + "[0-9]{1,4}")) {
            throw new IllegalArgumentException("no variant of spiking_attention is called " + choice.variant());
        }
        return new GpuAttention(choice.tileRows(), Integer.parseInt(choice.variant().substring(PREFIX.length())));
    }

    public KernelChoice choice(String reason) {
        return new KernelChoice(PREFIX + steps, tokens, reason);
    }

    /** Of a block. */
    public int warps() {
        return tokens / WARP_TOKENS * steps;
    }

    /** Columns that the narrowest kernel for these heads has room for: 64 or 128. */
    public static int headColumns(AttentionHeads heads) {
        return Math.max(Collections.max(heads.keySizes()), Collections.max(heads.valueSizes())) <= 64 ? 64 : 128;
    }

    /** The most warps of a block and, which is the same, of a multiprocessor: it has 65,536 registers, and a thread takes 128 or 256. */
    public static int mostWarps(int headColumns) {
        return headColumns <= 64 ? 16 : 8;
    }

    /**
     * Dynamic shared memory of a block: currents, potentials that outlive a chunk, the mask, and keys and values as bits, a word for each
     * column and 32 tokens.
     */
    public int sharedBytes(int headColumns, int longest, int timesteps) {
        int blocks = (longest + 31) / 32;
        int carried = timesteps > steps ? tokens * headColumns : 0;
        int currents = warps() * WARP_TOKENS * (headColumns + 16);
        return Integer.BYTES * (currents + carried + (blocks + 3) / 4 * 4 + steps * blocks * 2 * headColumns);
    }
}
