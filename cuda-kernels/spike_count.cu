// spike_count: spikes summed over time (counts [rows, width]) and over place (totals [sequences] of up to 8 populations a launch).
//
// Layout: spikes [rows, timesteps, words(width)]. counts: one warp a (row, 64 units). totals: one block a (sequence, population).
// Why fast: a sequence's words lie together, so totals are one coalesced pass of POPC; one launch serves all populations of a layer.
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
    int64_t* totals;  // out [sequences]
    int32_t words_per_row;  // timesteps * words(width)
    int32_t reserved;
};

struct SpikeTotalsArgs {
    const int32_t* row_offsets;  // [sequences + 1]
    CountedPopulation population[8];
};

extern "C" __global__ void __launch_bounds__(256) spike_count_totals_b256(const __grid_constant__ SpikeTotalsArgs args) {
    __shared__ long long partial[32];
    const int sequence = blockIdx.x;
    const CountedPopulation& population = args.population[blockIdx.y];
    const int64_t from = int64_t(args.row_offsets[sequence]) * population.words_per_row;
    const int64_t to = int64_t(args.row_offsets[sequence + 1]) * population.words_per_row;
    long long total = 0;
    for (int64_t i = from + threadIdx.x; i < to; i += blockDim.x) total += __popcll(population.spikes[i]);
    total = block_sum(total, partial);
    if (threadIdx.x == 0) population.totals[sequence] = total;
}
