// spike_count: spikes summed over time (counts [rows, width]) and over place (totals [sequences] of up to 8 populations a launch).
//
// Layout: spikes [rows, timesteps, words(width)]. counts: one warp a (row, 64 units). totals: one block a slice of a sequence's words in
// one population, which adds its sum to what the totals hold: they must be zero beforehand.
// Why fast: a sequence's words lie together, so totals are one coalesced pass of POPC, in as many slices as the device needs blocks, and a
// thread's loads of a round are all in flight at once; one launch serves all populations of a layer, and a block costs one atomic.
#include "reduce.cuh"

struct SpikeCountsArgs {
    const uint64_t* spikes;
    int32_t* counts;  // out [rows, width]
    int32_t rows;
    int32_t width;
    int32_t timesteps;
    int32_t reserved;
};

extern "C" __global__ void __launch_bounds__(128) spike_count_units_b128(const __grid_constant__ SpikeCountsArgs args) {
    const int words = (args.width + 63) / 64, lane = threadIdx.x & 31;
    const int64_t item = int64_t(blockIdx.x) * (blockDim.x >> 5) + (threadIdx.x >> 5);
    if (item >= int64_t(args.rows) * words) return;
    const int64_t row = item / words;
    const int w = int(item % words), j = w * 64 + lane;
    const uint64_t* word = args.spikes + row * args.timesteps * words + w;
    int low = 0, high = 0;
    for (int t = 0; t < args.timesteps; t++, word += words) {
        const uint64_t bits = *word >> lane;
        low += int(bits & 1);
        high += int(bits >> 32 & 1);
    }
    int32_t* counts = args.counts + row * args.width;
    if (j < args.width) counts[j] = low;
    if (j + 32 < args.width) counts[j + 32] = high;
}

struct CountedPopulation {
    const uint64_t* spikes;
    unsigned long long* totals;  // added to [sequences]
    int32_t words_per_row;  // timesteps * words(width)
    int32_t reserved;
};

struct SpikeTotalsArgs {
    const int32_t* row_offsets;  // [sequences + 1]
    CountedPopulation population[8];
    int32_t rounds;  // of a slice
    int32_t reserved;
};

constexpr int COUNTING_THREADS = 256;
constexpr int COUNTED_WORDS = 4;  // of a thread in a round

extern "C" __global__ void __launch_bounds__(COUNTING_THREADS) spike_count_totals_b256(const __grid_constant__ SpikeTotalsArgs args) {
    __shared__ unsigned partial[32];
    const CountedPopulation& population = args.population[blockIdx.y];
    const int sequence = blockIdx.z, slice_words = args.rounds * COUNTED_WORDS * COUNTING_THREADS;
    const int64_t slice = int64_t(blockIdx.x) * slice_words;
    const int64_t from = int64_t(args.row_offsets[sequence]) * population.words_per_row + slice;
    const int64_t to = int64_t(args.row_offsets[sequence + 1]) * population.words_per_row;
    if (from >= to) return;
    const uint64_t* spikes = population.spikes + from;
    const int words = int(to - from < slice_words ? to - from : slice_words);
    unsigned total = 0;
#pragma unroll 1
    for (int first = threadIdx.x; first < words; first += COUNTED_WORDS * COUNTING_THREADS) {
        // Beyond the end the last word is read and not counted: loads without conditions overlap.
        uint64_t bits[COUNTED_WORDS];
#pragma unroll
        for (int i = 0; i < COUNTED_WORDS; i++) bits[i] = spikes[min(first + i * COUNTING_THREADS, words - 1)];
#pragma unroll
        for (int i = 0; i < COUNTED_WORDS; i++) total += first + i * COUNTING_THREADS < words ? __popcll(bits[i]) : 0;
    }
    add_block_sum(population.totals + sequence, total, partial);
}
