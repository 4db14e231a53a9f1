// synapse_count: accumulates that the spikes of each sequence cause, by the number of live weights behind each unit: totals [sequences] of
// up to 4 populations a launch.
//
// Layout: spikes [rows, timesteps, words(width)]; planes [plane_count][words(width)]: what a unit has more than `least` as bits, plane p
// worth 2^p; one block a (sequence, population), which holds the planes in shared memory.
// Why fast: a sequence's words lie together, so it is one coalesced pass, and 64 units meet a plane in one AND and one POPC. What all units
// have in common needs no plane. Neighbouring lanes have neighbouring words and read neighbouring words of a plane: no bank conflicts.
#include "reduce.cuh"

struct WeighedPopulation {
    const uint64_t* spikes;
    const uint64_t* planes;
    int64_t* totals;  // out [sequences]
    int32_t words;  // of a timestep
    int32_t timesteps;
    int32_t plane_count;
    int32_t least;
};

struct SynapseCountArgs {
    const int32_t* row_offsets;  // [sequences + 1]
    WeighedPopulation population[4];
};

extern "C" __global__ void __launch_bounds__(256) synapse_count_b256(const __grid_constant__ SynapseCountArgs args) {
    __shared__ long long partial[32];
    extern __shared__ uint64_t planes[];  // [plane_count][words]
    const int sequence = blockIdx.x;
    const WeighedPopulation& population = args.population[blockIdx.y];
    const int words = population.words, words_per_row = population.timesteps * words;
    const int64_t from = int64_t(args.row_offsets[sequence]) * words_per_row;
    const int64_t to = int64_t(args.row_offsets[sequence + 1]) * words_per_row;
    for (int i = threadIdx.x; i < words * population.plane_count; i += blockDim.x) planes[i] = population.planes[i];
    __syncthreads();
    // The word's place within its timestep, without a division a word.
    const int stride = blockDim.x % words;
    int place = threadIdx.x % words;
    long long total = 0;
    for (int64_t i = from + threadIdx.x; i < to; i += blockDim.x) {
        const uint64_t bits = population.spikes[i];
        long long live = 0;
        for (int p = 0; p < population.plane_count; p++) live += static_cast<long long>(__popcll(bits & planes[p * words + place])) << p;
        total += live + static_cast<long long>(population.least) * __popcll(bits);
        place += stride;
        place -= place >= words ? words : 0;
    }
    total = block_sum(total, partial);
    if (threadIdx.x == 0) population.totals[sequence] = total;
}
