// Spike rows in shared memory, and spike words gathered from the lanes of a warp.
#pragma once
#include "reduce.cuh"
#include "tensor_core.cuh"

// Spikes of some tokens for a chunk of timesteps in shared memory: [tokens][stride] words, word w of chunk step t at t * step_words + w.
// Steps take an even number of words and tokens an odd number of 16 bytes, so that every row lies as ldmatrix wants it and 8 tokens fall on
// different banks. Gaps and the 4 words behind the last token are zero: a stage may read past a row's end, where the weights are zero.
struct SpikeChunk {
    uint64_t* words_at;
    int words, step_words, stride;

    __device__ SpikeChunk(uint8_t* at, int words, int chunk_steps)
        : words_at(reinterpret_cast<uint64_t*>(at)), words(words), step_words(words + (words & 1)),
          stride((step_words / 2 * chunk_steps | 1) * 2) {}

    // Starts the copy of steps [first_step, first_step + chunk_steps) of tokens [first_token, first_token + tokens); not committed.
    __device__ void load(const uint64_t* spikes, int first_token, int tokens, int rows, int first_step, int chunk_steps,
                         int timesteps) const {
        const uint64_t* from = spikes + (int64_t(first_token) * timesteps + first_step) * words;
        const int steps = min(chunk_steps, timesteps - first_step), existing_tokens = rows - first_token;
        if (step_words == words) copy(from, tokens, existing_tokens, steps, timesteps);
        else copy_odd(from, tokens, existing_tokens, steps, timesteps);
        if (threadIdx.x < 4) words_at[tokens * stride + threadIdx.x] = 0;
    }

private:
    // The threads go through 16 bytes of all tokens one behind the other, as they lie in shared memory: steps follow each other there too.
    __device__ void copy(const uint64_t* spikes, int tokens, int existing_tokens, int steps, int timesteps) const {
        const int token_bytes = 8 * timesteps * words, existing_bytes = 8 * steps * words;
        const int of_token = 8 * stride, ahead = 16 * blockDim.x, tokens_ahead = ahead / of_token;
        const int bytes_ahead = ahead - tokens_ahead * of_token;
        int token = 16 * threadIdx.x / of_token, byte = 16 * threadIdx.x - token * of_token;
        const uint8_t* from = reinterpret_cast<const uint8_t*>(spikes) + int64_t(token) * token_bytes;
        uint32_t to = shared_address(words_at) + 16 * threadIdx.x;
#pragma unroll 1
        while (token < tokens) {
            copy_async_or_zero<16>(to, from + byte, byte < existing_bytes && token < existing_tokens);
            to += ahead;
            byte += bytes_ahead;
            const bool next = byte >= of_token;
            byte -= next ? of_token : 0;
            token += tokens_ahead + next;
            from += int64_t(tokens_ahead + next) * token_bytes;
        }
    }

    // Steps of an odd number of words, a word a thread.
    __device__ void copy_odd(const uint64_t* spikes, int tokens, int existing_tokens, int steps, int timesteps) const {
#pragma unroll 1
        for (int i = threadIdx.x; i < tokens * stride; i += blockDim.x) {
            const int token = i / stride, of_token = i - token * stride, step = of_token / step_words, word = of_token - step * step_words;
            copy_async_or_zero<8>(shared_address(words_at + i), spikes + (int64_t(token) * timesteps + step) * words + word,
                                  token < existing_tokens && step < steps && word < words);
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

// Spikes of ROWS such rows in shared memory, a row every `stride` words: an odd number of units of 1 or 2 words, so that 8 rows fall on
// different banks. Gaps and the 4 words behind the last row are zero: a stage may read past a row's end, where the weights are zero.
template <int ROWS, int UNIT>
struct SpikeRows {
    uint64_t* words_at;
    int words, stride;

    __device__ SpikeRows(uint8_t* at, int words)
        : words_at(reinterpret_cast<uint64_t*>(at)), words(words), stride(((words + UNIT - 1) / UNIT | 1) * UNIT) {}

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
