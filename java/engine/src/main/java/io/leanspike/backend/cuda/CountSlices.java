package io.leanspike.backend.cuda;

import io.leanspike.tensor.SpikeTensor;
import java.util.List;

/**
 * How the kernels that add up totals cut each sequence into blocks. Populations have the slices of the widest, so that blocks of the
 * others end at once; those that work have equally much to do, whatever population and however long a sequence they belong to.
 *
 * @param slices of the longest sequence in the widest population
 * @param rounds of loads that each thread of a slice makes
 */
record CountSlices(int slices, int rounds) {
    /** Of a block of spike_count_totals. */
    static final int COUNTING_THREADS = 256;
    /** Of a block of synapse_count. */
    static final int WEIGHING_THREADS = 192;
    /** Words that a thread of spike_count_totals loads in a round. */
    static final int COUNTED_WORDS = 4;
    /** Timesteps of which a thread of synapse_count loads a word in a round. */
    static final int WEIGHED_STEPS = 8;
    /** Enough to keep a multiprocessor's loads overlapping; with more, each block's beginning and end weigh more. */
    private static final int BLOCKS_A_MULTIPROCESSOR = 4;
    /** The kernels count a slice's words and spikes in 32 bits. */
    static final int MOST_ROUNDS = 1024;

    /** A population: words of a token over all timesteps, and those that a block takes in a round. */
    record Work(long wordsPerRow, int wordsPerRound) {

        static Work counted(int timesteps, int width) {
            return new Work((long) timesteps * SpikeTensor.wordsPerStep(width), COUNTED_WORDS * COUNTING_THREADS);
        }

        /** A thread keeps to one place of its timesteps, so that a block takes whole timesteps. */
        static Work weighed(int timesteps, int width) {
            int words = SpikeTensor.wordsPerStep(width);
            return new Work((long) timesteps * words, WEIGHED_STEPS * Math.max(1, WEIGHING_THREADS / words) * words);
        }

        private long rounds(int rows) {
            return Math.ceilDiv(rows * wordsPerRow, wordsPerRound);
        }
    }

    /** As few rounds as leave each multiprocessor a few blocks, so that a small batch is spread over all of them. */
    static CountSlices of(List<Work> populations, int rows, int longest, int multiprocessors) {
        long all = populations.stream().mapToLong(work -> work.rounds(rows)).sum();
        int rounds = (int) Math.clamp(all / (BLOCKS_A_MULTIPROCESSOR * multiprocessors), 1, MOST_ROUNDS);
        long most = populations.stream().mapToLong(work -> work.rounds(longest)).max().orElseThrow();
        return new CountSlices(Math.toIntExact(Math.ceilDiv(most, rounds)), rounds);
    }

    CudaStream.Launch counting(int populations, int sequences) {
        return new CudaStream.Launch(slices, populations, sequences, COUNTING_THREADS, 0);
    }

    CudaStream.Launch weighing(int populations, int sequences, int planeBytes) {
        return new CudaStream.Launch(slices, populations, sequences, WEIGHING_THREADS, planeBytes);
    }
}
