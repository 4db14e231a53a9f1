// Spike rows in shared memory, and spike words gathered from the lanes of a warp.
#pragma once
#include "reduce.cuh"
#include "tensor_core.cuh"

// Spikes of some tokens for a chunk of timesteps, as they lie in global memory: [tokens][stride] words, word w of chunk step t at
// t * words + w. The stride is an odd number of units of 1 or 4 words, so that 8 tokens (x 4 words) fall on different banks. Gaps and
// the 4 words behind the last token are zero: a stage may read past a row's end, where the weights are zero.
struct SpikeChunk {
    uint64_t* words_at;
    int words, stride;

    __host__ __device__ static int stride_of(int words, int chunk_steps, int unit) { return ((words * chunk_steps + unit - 1) / unit | 1) * unit; }

    // Starts the copy of steps [first_step, first_step + chunk_steps) of tokens [first_token, first_token + tokens); not committed.
    __device__ void load(const uint64_t* spikes, int first_token, int tokens, int rows, int first_step, int chunk_steps, int timesteps) const {
        const int lane = threadIdx.x & 31, warp = threadIdx.x >> 5, warps = blockDim.x >> 5;
        const int existing_words = min(chunk_steps, timesteps - first_step) * words - lane, lane_words = stride - lane;
        const uint64_t* from = spikes + (int64_t(first_token + warp) * timesteps + first_step) * words + lane;
        const int64_t from_apart = int64_t(warps) * timesteps * words;
        uint32_t to = shared_address(words_at + warp * stride + lane);
        for (int token = warp; token < tokens; token += warps) {
            const int existing = first_token + token < rows ? existing_words : 0;
#pragma unroll 1
            for (int i = 0; i < lane_words; i += 32) copy_async_8_or_zero(to + i * 8, from + i, i < existing);
            from += from_apart;
            to += warps * stride * 8;
        }
        if (threadIdx.x < 4) words_at[tokens * stride + threadIdx.x] = 0;
    }
};

// Each lane of a quad (4 lanes with the same lane / 4) holds its bits of 4 words; lane q of the quad receives the whole word q.
__device__ inline uint32_t gather_quad_word(const uint32_t (&word)[4]) {
    const bool upper = threadIdx.x & 2, odd = threadIdx.x & 1;
    uint32_t even_word = upper ? word[2] : word[0], odd_word = upper ? word[3] : word[1];
    even_word |= __shfl_xor_sync(ALL_LANES, upper ? word[0] : word[2], 2);
    odd_word |= __shfl_xor_sync(ALL_LANES, upper ? word[1] : word[3], 2);
    return (odd ? odd_word : even_word) | __shfl_xor_sync(ALL_LANES, odd ? even_word : odd_word, 1);
}

__device__ inline float quad_sum(float value) {
    value += __shfl_xor_sync(ALL_LANES, value, 1);
    return value + __shfl_xor_sync(ALL_LANES, value, 2);
}

// The first n bits.
__device__ inline uint32_t first_bits(int n) { return n <= 0 ? 0 : n >= 32 ? 0xffffffffu : (1u << n) - 1; }
