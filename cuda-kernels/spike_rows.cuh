// Spike rows in shared memory, and spike words gathered from the lanes of a warp.
#pragma once
#include "reduce.cuh"
#include "tensor_core.cuh"

// Spikes of some tokens for a chunk of timesteps, as they lie in global memory: [tokens][stride] words, word w of chunk step t at
// t * words + w. The stride is an odd number of units of 2 or 4 words, so that 8 tokens (x 4 words) fall on different banks. Gaps and
// the 4 words behind the last token are zero: a stage may read past a row's end, where the weights are zero.
struct SpikeChunk {
    uint64_t* words_at;
    int words, stride;

    __host__ __device__ static int stride_of(int words, int chunk_steps, int unit) { return ((words * chunk_steps + unit - 1) / unit | 1) * unit; }

    // Starts the copy of steps [first_step, first_step + chunk_steps) of tokens [first_token, first_token + tokens); not committed.
    __device__ void load(const uint64_t* spikes, int first_token, int tokens, int rows, int first_step, int chunk_steps, int timesteps) const {
        const uint8_t* from = reinterpret_cast<const uint8_t*>(spikes + (int64_t(first_token) * timesteps + first_step) * words);
        const int token_bytes = 8 * timesteps * words, existing_bytes = 8 * min(chunk_steps, timesteps - first_step) * words;
        const int existing_tokens = rows - first_token;
        // Where rows of all timesteps fill 16 bytes, so do chunks of them: a chunk has an even number of steps, or the last odd one of even words.
        if (stride % 2 == 0 && token_bytes % 16 == 0 && reinterpret_cast<uint64_t>(spikes) % 16 == 0)
            copy<16>(from, token_bytes, existing_bytes, tokens, existing_tokens);
        else
            copy<8>(from, token_bytes, existing_bytes, tokens, existing_tokens);
        if (threadIdx.x < 4) words_at[tokens * stride + threadIdx.x] = 0;
    }

private:
    // The threads go through the units of BYTES of all tokens one behind the other, as they lie in shared memory.
    template <int BYTES>
    __device__ void copy(const uint8_t* from, int token_bytes, int existing_bytes, int tokens, int existing_tokens) const {
        const int of_token = 8 * stride, ahead = BYTES * blockDim.x, tokens_ahead = ahead / of_token, bytes_ahead = ahead - tokens_ahead * of_token;
        int token = BYTES * threadIdx.x / of_token, byte = BYTES * threadIdx.x - token * of_token;
        from += int64_t(token) * token_bytes;
        uint32_t to = shared_address(words_at) + BYTES * threadIdx.x;
#pragma unroll 1
        while (token < tokens) {
            copy_async_or_zero<BYTES>(to, from + byte, byte < existing_bytes && token < existing_tokens);
            to += ahead;
            byte += bytes_ahead;
            const bool next = byte >= of_token;
            byte -= next ? of_token : 0;
            token += tokens_ahead + next;
            from += int64_t(tokens_ahead + next) * token_bytes;
        }
    }
};

// The rows of a block's chunk: row r is step r % steps of token r / steps, both counted from the chunk's first.
struct ChunkRows {
    int first_token, first_step, log2_steps, tokens, timesteps;

    __device__ int token(int r) const { return first_token + (r >> log2_steps); }
    __device__ int step(int r) const { return first_step + (r & ((1 << log2_steps) - 1)); }
    __device__ bool exists(int r) const { return token(r) < tokens && step(r) < timesteps; }
    __device__ int64_t place(int r) const { return int64_t(token(r)) * timesteps + step(r); }
};

// Spikes of ROWS such rows in shared memory, a row every `stride` words: an odd number of units of 1 or 4 words, so that 8 rows (x 4 words)
// fall on different banks. Gaps and the 4 words behind the last row are zero: a stage may read past a row's end, where the weights are zero.
template <int ROWS, int UNIT>
struct SpikeRows {
    uint64_t* words_at;
    int words, stride;

    __device__ SpikeRows(uint8_t* at, int words) : words_at(reinterpret_cast<uint64_t*>(at)), words(words), stride(((words + UNIT - 1) / UNIT | 1) * UNIT) {}

    __device__ uint8_t* end() const { return reinterpret_cast<uint8_t*>(words_at + ROWS * stride + 4); }
    __device__ uint32_t* half_words(int r) const { return reinterpret_cast<uint32_t*>(words_at + r * stride); }

    // Lanes that a row is copied by.
    __device__ int log2_lanes() const { return stride <= 16 ? 4 : 5; }

    // Starts the copy of a chunk's rows; not committed.
    __device__ void load(const uint64_t* spikes, const ChunkRows& rows) const {
        const int lanes = 1 << log2_lanes(), first_word = threadIdx.x & lanes - 1;
#pragma unroll 1
        for (int r = threadIdx.x >> log2_lanes(); r < ROWS; r += blockDim.x >> log2_lanes()) {
            const uint64_t* from = spikes + rows.place(r) * words;
            const uint32_t to = shared_address(words_at + r * stride);
            const int existing = rows.exists(r) ? words : 0;
#pragma unroll 1
            for (int w = first_word; w < stride; w += lanes) copy_async_or_zero<8>(to + w * 8, from + w, w < existing);
        }
        if (threadIdx.x < 4) words_at[ROWS * stride + threadIdx.x] = 0;
    }
    // Writes a chunk's rows. A thread reads the words that it copies in load: it needs no barrier between the two.
    __device__ void store(uint64_t* spikes, const ChunkRows& rows) const {
        const int lanes = 1 << log2_lanes(), first_word = threadIdx.x & lanes - 1;
#pragma unroll 1
        for (int r = threadIdx.x >> log2_lanes(); r < ROWS; r += blockDim.x >> log2_lanes()) {
            if (!rows.exists(r)) continue;
            uint64_t* to = spikes + rows.place(r) * words;
#pragma unroll 1
            for (int w = first_word; w < words; w += lanes) to[w] = words_at[r * stride + w];
        }
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

// Transposes the 32 x 32 bits of a warp: lane i's bit c becomes lane c's bit i.
__device__ inline uint32_t transpose_bits(uint32_t bits) {
    uint32_t low_columns = 0x0000ffffu;
#pragma unroll
    for (int distance = 16; distance > 0; distance >>= 1) {
        const uint32_t other = __shfl_xor_sync(ALL_LANES, bits, distance);
        const bool upper = threadIdx.x & distance;
        const uint32_t kept = upper ? ~low_columns : low_columns;
        bits = (bits & kept) | (__funnelshift_l(other, other, upper ? 32 - distance : distance) & ~kept);
        low_columns ^= low_columns << (distance >> 1);
    }
    return bits;
}

__device__ inline float quad_sum(float value) {
    value += __shfl_xor_sync(ALL_LANES, value, 1);
    return value + __shfl_xor_sync(ALL_LANES, value, 2);
}

// The first n bits.
__device__ inline uint32_t first_bits(int n) { return n <= 0 ? 0 : n >= 32 ? 0xffffffffu : (1u << n) - 1; }
