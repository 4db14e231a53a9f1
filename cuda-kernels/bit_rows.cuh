// Spike words of a warp: 64 neighbouring units of one token, a timestep at a time, written 32 timesteps at once.
#pragma once
#include "reduce.cuh"

// Lane i holds units i and i + 32 of a 64-unit word. Each step is two ballots; lane t % 32 keeps the word of step t, so that the store
// after 32 steps uses all lanes.
struct SpikeWordWriter {
    uint64_t* word;  // of timestep 0
    int64_t stride;  // words from one timestep to the next
    uint64_t kept = 0;

    __device__ void step(int t, int timesteps, bool low, bool high) {
        const int lane = threadIdx.x & 31;
        const uint64_t bits = uint64_t(__ballot_sync(ALL_LANES, high)) << 32 | __ballot_sync(ALL_LANES, low);
        if (lane == (t & 31)) kept = bits;
        if ((t & 31) == 31 || t + 1 == timesteps) {
            const int mine = (t & ~31) + lane;
            if (mine <= t) word[mine * stride] = kept;
        }
    }
};
