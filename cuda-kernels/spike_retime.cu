// spike_retime: the spikes of a population over another number of timesteps: a unit that spiked c of T times spikes round(c T' / T) of T'
// times, evenly spaced. Spikes [rows, T, words(width)] in, spikes [rows, T', words(width)] out.
//
// An integer neuron does it: u starts at T, each step adds 2 c, and at 2 T or more it spikes and loses 2 T.
//
// Layout: one warp a (row, 64 units); a lane owns units i and i + 32 and keeps their counts in registers.
// Why fast: words are read and written once; bits are made by ballot and stored 32 timesteps at once.
#include "bit_rows.cuh"

struct SpikeRetimeArgs {
    const uint64_t* input;
    uint64_t* output;
    int32_t rows;
    int32_t width;
    int32_t from_timesteps;
    int32_t timesteps;
};

__device__ inline bool retimed_step(int& u, int count, int from_timesteps) {
    u += 2 * count;
    const bool spike = u >= 2 * from_timesteps;
    u -= spike ? 2 * from_timesteps : 0;
    return spike;
}

extern "C" __global__ void __launch_bounds__(128) spike_retime_b128(const __grid_constant__ SpikeRetimeArgs args) {
    const int words = (args.width + 63) / 64, lane = threadIdx.x & 31;
    const int64_t item = int64_t(blockIdx.x) * (blockDim.x >> 5) + (threadIdx.x >> 5);
    if (item >= int64_t(args.rows) * words) return;
    const int64_t row = item / words;
    const int w = int(item % words);
    const uint64_t* word = args.input + row * args.from_timesteps * words + w;
    int low = 0, high = 0;
    for (int t = 0; t < args.from_timesteps; t++, word += words) {
        const uint64_t bits = *word >> lane;
        low += int(bits & 1);
        high += int(bits >> 32 & 1);
    }
    int u0 = args.from_timesteps, u1 = u0;
    SpikeWordWriter writer{args.output + row * args.timesteps * words + w, words};
    for (int t = 0; t < args.timesteps; t++) {
        const bool low_spike = retimed_step(u0, low, args.from_timesteps), high_spike = retimed_step(u1, high, args.from_timesteps);
        writer.step(t, args.timesteps, low_spike, high_spike);
    }
}
