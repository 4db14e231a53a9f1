// synapse_count: accumulates that the spikes of each sequence cause, by the number of live weights behind each unit: totals [sequences] of
// up to 4 populations a launch.
//
// Layout: spikes [rows, timesteps, words(width)]; planes [plane_count][words(width)]: what a unit has more than `least` as bits, plane p
// worth 2^p; one block a slice of a sequence's timesteps in one population, which holds the planes in shared memory and adds its sum to
// what the totals hold: they must be zero beforehand.
// Why fast: a sequence's words lie together, so it is one coalesced pass, in as many slices as the device needs blocks, with 8 loads of a
// thread in flight at once. A thread keeps to one word's place and adds up its words bit by bit (64 units' counts side by side, a bit of
// the counts a word: carry-save adders of 4 logic instructions), so that one word in 8 meets the planes, in ANDs and POPCs, which run at a
// quarter of the rate. What all units have in common needs no plane. Neighbouring lanes read neighbouring words of a plane: no bank
// conflicts.
#include "reduce.cuh"

struct WeighedPopulation {
    const uint64_t* spikes;
    const uint64_t* planes;
    unsigned long long* totals;  // added to [sequences]
    int32_t words;  // of a timestep
    int32_t timesteps;
    int32_t plane_count;
    int32_t least;
};

struct SynapseCountArgs {
    const int32_t* row_offsets;  // [sequences + 1]
    WeighedPopulation population[4];
    int32_t rounds;  // of a slice
    int32_t reserved;
};

constexpr int WEIGHING_THREADS = 192;  // 3 * 2^n: the usual widths are whole numbers of timesteps abreast
constexpr int WEIGHED_STEPS = 8;  // of a thread in a round

// Adds b and c to the bits of sum; what is worth two comes back.
__device__ uint64_t add_bits(uint64_t& sum, uint64_t b, uint64_t c) {
    const uint64_t carry = (sum & b) | (sum & c) | (b & c);
    sum ^= b ^ c;
    return carry;
}

struct Weights {
    const uint64_t* planes;  // of the word's place
    int words;
    int plane_count;
    int least;

    // Live weights behind the spikes whose counts' bits these are, the lowest first. 32 bits hold what planes up to 2^21 add up to.
    template <int BITS>
    __device__ long long of(const uint64_t (&counts)[BITS]) const {
        unsigned spikes = 0, more = 0;
#pragma unroll
        for (int bit = 0; bit < BITS; bit++) spikes += __popcll(counts[bit]) << bit;
        for (int p = plane_count - 1; p >= 0; p--) {
            const uint64_t plane = planes[p * words];
            more *= 2;
#pragma unroll
            for (int bit = 0; bit < BITS; bit++) more += __popcll(counts[bit] & plane) << bit;
        }
        return static_cast<long long>(least) * spikes + more;
    }
};

// Of every `abreast`-th timestep from the first on, at one place.
__device__ long long weighed(const uint64_t* spikes, int first, int steps, int abreast, const Weights& weights) {
    uint64_t counts[3] = {};
    long long total = 0;
#pragma unroll 1
    for (int round = first; round < steps; round += WEIGHED_STEPS * abreast) {
        // Beyond the end the last timestep is read and not counted: loads without conditions overlap.
        uint64_t bits[WEIGHED_STEPS];
#pragma unroll
        for (int i = 0; i < WEIGHED_STEPS; i++) bits[i] = spikes[int64_t(min(round + i * abreast, steps - 1)) * weights.words];
#pragma unroll
        for (int i = 0; i < WEIGHED_STEPS; i++) bits[i] = round + i * abreast < steps ? bits[i] : 0;
        uint64_t fours[2];
#pragma unroll
        for (int half = 0; half < 2; half++) {
            const uint64_t* four = bits + 4 * half;
            const uint64_t low = add_bits(counts[0], four[0], four[1]);
            const uint64_t high = add_bits(counts[0], four[2], four[3]);
            fours[half] = add_bits(counts[1], low, high);
        }
        const uint64_t eights[1] = {add_bits(counts[2], fours[0], fours[1])};
        total += WEIGHED_STEPS * weights.of(eights);
    }
    return total + weights.of(counts);
}

extern "C" __global__ void __launch_bounds__(WEIGHING_THREADS) synapse_count_b192(const __grid_constant__ SynapseCountArgs args) {
    __shared__ long long partial[32];
    extern __shared__ uint64_t planes[];  // [plane_count][words]
    const WeighedPopulation& population = args.population[blockIdx.y];
    const int sequence = blockIdx.z, words = population.words;
    const int first_row = args.row_offsets[sequence], end_row = args.row_offsets[sequence + 1];
    // Asked for before the offsets are waited for.
    for (int i = threadIdx.x; i < words * population.plane_count; i += WEIGHING_THREADS) planes[i] = population.planes[i];
    // Timesteps side by side in the block.
    const int abreast = max(1, WEIGHING_THREADS / words), slice_steps = args.rounds * WEIGHED_STEPS * abreast;
    const int64_t from = int64_t(first_row) * population.timesteps + int64_t(blockIdx.x) * slice_steps;
    const int64_t to = int64_t(end_row) * population.timesteps;
    if (from >= to) return;
    __syncthreads();
    const int steps = int(to - from < slice_steps ? to - from : slice_steps), first = threadIdx.x / words;
    long long total = 0;
    // More places than one only where a timestep has more words than the block threads.
    for (int place = threadIdx.x - first * words; first < abreast && place < words; place += WEIGHING_THREADS)
        total += weighed(population.spikes + from * words + place, first, steps, abreast,
                         Weights{planes + place, words, population.plane_count, population.least});
    add_block_sum(population.totals + sequence, total, partial);
}
