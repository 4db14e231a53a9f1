// spiking_attention: p = softmax(scale * q . key spikes), context = p . value spikes, membrane over the timesteps, bits out: one kernel.
//
// Layout: query float32 [rows, timesteps, key_width]; key, value, output spikes as 32-bit words [rows, timesteps, 2 * words(width)].
// Ragged sequences by row_offsets; head h owns columns key_offsets[h] .. and value_offsets[h] .. (any width up to 64 or 128, any
// alignment). Grid (query tiles, heads, sequences); a warp takes 16 queries, all timesteps, its membranes in registers.
//
// Why fast: keys and values of a head stay bits, in shared memory whole (at most 17 KB); both are B operands made from bits by one
// rotation and one AND a register, as in spike_matmul. Queries and probabilities are split into two fp16 halves, so the products are
// float32-faithful on fp16 tensor cores; each query row is first scaled by a power of two, so no query overflows. Softmax runs online
// over blocks of 32 keys; the order of keys within a block makes the scores' registers the next product's A operand as they stand.
#include "neuron.cuh"
#include "packed_weights.cuh"
#include "spike_rows.cuh"
#include <cuda_fp16.h>

struct SpikingAttentionArgs {
    const float* query;
    const uint32_t* key;
    const uint32_t* value;
    const int32_t* key_offsets;    // [heads + 1]
    const int32_t* value_offsets;  // [heads + 1]
    const int32_t* row_offsets;    // [sequences + 1]
    const uint8_t* live;           // [rows] or null
    uint32_t* output;              // zeroed beforehand unless every offset is a multiple of 32 and value_width one of 64
    Neuron neuron;
    float scale;
    int32_t timesteps;
    int32_t key_width;
    int32_t value_width;
};

// 32 bits of a spike row from column `first` on, those from column `end` on zero.
__device__ inline uint32_t bits_at(const uint32_t* row, int first, int end) {
    const int word = first >> 5, shift = first & 31;
    uint32_t bits = row[word] >> shift;
    if (shift && end > 32 * (word + 1)) bits |= row[word + 1] << (32 - shift);
    return bits & first_bits(end - first);
}

// A pair of float32 as two pairs of fp16: hi + lo.
struct SplitPair {
    uint32_t hi, lo;
    __device__ SplitPair(float first, float second) {
        const __half2 high = __floats2half2_rn(first, second);
        const float2 back = __half22float2(high);
        const __half2 low = __floats2half2_rn(first - back.x, second - back.y);
        hi = reinterpret_cast<const uint32_t&>(high);
        lo = reinterpret_cast<const uint32_t&>(low);
    }
};

struct SplitOperand {
    uint32_t hi[4], lo[4];
    __device__ void set(int i, SplitPair pair) { hi[i] = pair.hi, lo[i] = pair.lo; }
};

// d += a * spikes for the 32 k positions of one spike word, already rotated.
__device__ inline void mma_spike_word(float (&d)[4], const SplitOperand (&a)[2], uint32_t bits) {
#pragma unroll
    for (int step = 0; step < 2; step++) {
        const uint32_t b0 = bits & (0x04000400u << (2 * step)), b1 = bits & (0x08000800u << (2 * step));
        mma_f16(d, a[step].hi, b0, b1);
        mma_f16(d, a[step].lo, b0, b1);
    }
}

// What meets spike bit 10 + p of a half.
__device__ constexpr float against_spike_bit(int p) { return p == 0 ? 16384.f : p == 1 ? 8192.f : p == 2 ? 2048.f : 128.f; }

__device__ inline float quad_max(float value) {
    value = fmaxf(value, __shfl_xor_sync(ALL_LANES, value, 1));
    return fmaxf(value, __shfl_xor_sync(ALL_LANES, value, 2));
}

struct HeadBits {
    uint32_t* key;     // [key words][padded length]: slot 8 jn + 2 q + e of a 32-key block is key 4 q + jn + 16 e
    uint32_t* value;   // [value columns][stride]: bit i of word b is key 32 b + i
    uint32_t* live;    // [blocks]
    int blocks, stride;

    __device__ void load(const SpikingAttentionArgs& args, int first_row, int length, int t, int key_from, int key_to, int value_from, int value_to) const {
        const int lane = threadIdx.x & 31, warps = blockDim.x >> 5;
        const int key_words = (key_to - key_from + 31) / 32, value_words = (value_to - value_from + 31) / 32;
        const int key_row = 2 * ((args.key_width + 63) / 64), value_row = 2 * ((args.value_width + 63) / 64);
        const int slot = 8 * (lane & 3) + 2 * (lane >> 2 & 3) + (lane >> 4);
        for (int item = threadIdx.x >> 5; item < blocks * (key_words + value_words); item += warps) {
            const int block = item % blocks, word = item / blocks, token = 32 * block + lane;
            const int64_t step = (int64_t(first_row) + min(token, length - 1)) * args.timesteps + t;
            if (word < key_words) {
                const uint32_t bits = bits_at(args.key + step * key_row, key_from + 32 * word, key_to);
                key[word * 32 * blocks + 32 * block + slot] = token < length ? bits : 0;
            } else {
                const int column = 32 * (word - key_words);
                const uint32_t bits = bits_at(args.value + step * value_row, value_from + column, value_to);
                value[(column + lane) * stride + block] = transpose_bits(token < length ? bits : 0);
            }
        }
    }
};

// Queries of rows g and g + 8 as split A operands, and what scores must be multiplied by.
template <int WORDS>
struct QueryOperand {
    SplitOperand a[WORDS][2];
    float factor[2];

    __device__ void load(const float* const (&row)[2], const bool (&exists)[2], int columns, bool aligned, float scale) {
        const int q = threadIdx.x & 3;
#pragma unroll
        for (int upper = 0; upper < 2; upper++) {
            float x[WORDS][2][4];  // column 32 word + 16 e + 4 q + p
            float largest = 0;
#pragma unroll
            for (int i = 0; i < WORDS * 2; i++) {
                float(&run)[4] = x[i / 2][i % 2];
                const int column = 16 * i + 4 * q;
                if (aligned && exists[upper] && column + 4 <= columns) {
                    const float4 four = *reinterpret_cast<const float4*>(row[upper] + column);
                    run[0] = four.x, run[1] = four.y, run[2] = four.z, run[3] = four.w;
                } else {
#pragma unroll
                    for (int p = 0; p < 4; p++) run[p] = exists[upper] && column + p < columns ? row[upper][column + p] : 0.f;
                }
#pragma unroll
                for (int p = 0; p < 4; p++) largest = fmaxf(largest, fabsf(run[p]));
            }
            const int exponent = __float_as_int(quad_max(largest)) & 0x7f800000;
            const float down = __int_as_float(0x7f000000 - exponent);
            factor[upper] = __int_as_float(exponent) * scale;
#pragma unroll
            for (int i = 0; i < WORDS * 4; i++) {
                const int word = i / 4, p = i % 4;
                const float by = down * against_spike_bit(p);
                a[word][p >> 1].set(upper + 2 * (p & 1), SplitPair(x[word][0][p] * by, x[word][1][p] * by));
            }
        }
    }
};

template <int HEAD>
__device__ void spiking_attention(const SpikingAttentionArgs& args) {
    constexpr int WORDS = HEAD / 32;
    extern __shared__ uint32_t shared[];
    const int lane = threadIdx.x & 31, quad = lane >> 2, q = lane & 3, head = blockIdx.y;
    const int first_row = args.row_offsets[blockIdx.z], length = args.row_offsets[blockIdx.z + 1] - first_row;
    const int first_query = (blockIdx.x * (blockDim.x >> 5) + (threadIdx.x >> 5)) * 16;
    if (blockIdx.x * (blockDim.x >> 1) >= length) return;  // the whole block: this sequence has fewer tiles than the longest
    const int key_from = args.key_offsets[head], key_to = args.key_offsets[head + 1];
    const int value_from = args.value_offsets[head], value_to = args.value_offsets[head + 1];
    const int key_columns = key_to - key_from, value_columns = value_to - value_from;

    HeadBits bits;
    bits.blocks = (length + 31) / 32;
    bits.stride = bits.blocks | 1;
    bits.live = shared;
    bits.key = shared + bits.blocks;
    bits.value = bits.key + (key_columns + 31) / 32 * 32 * bits.blocks;

    // Live keys; where none is, all that exist.
    bool any = false;
    for (int key = threadIdx.x; key < 32 * bits.blocks; key += blockDim.x) {
        const bool alive = key < length && (!args.live || args.live[first_row + key]);
        const uint32_t word = __ballot_sync(ALL_LANES, alive);
        if (lane == 0) bits.live[key >> 5] = word;
        any |= alive;
    }
    if (!__syncthreads_or(any))
        for (int block = threadIdx.x; block < bits.blocks; block += blockDim.x) bits.live[block] = first_bits(length - 32 * block);

    const Membrane membrane(args.neuron);
    const int rotation = (10 - 4 * q) & 31;
    const bool aligned = args.key_width % 4 == 0 && key_from % 4 == 0;
    const bool exists[2] = {first_query + quad < length, first_query + quad + 8 < length};
    float u[WORDS][2][8];
#pragma unroll
    for (int i = 0; i < WORDS * 16; i++) u[i / 16][i / 8 % 2][i % 8] = args.neuron.initial_potential;

    for (int t = 0; t < args.timesteps; t++) {
        __syncthreads();  // the previous timestep has been read
        bits.load(args, first_row, length, t, key_from, key_to, value_from, value_to);
        __syncthreads();
        if (first_query >= length) continue;

        QueryOperand<WORDS> query;
        const int64_t step = (int64_t(first_row) + first_query + quad) * args.timesteps + t;
        const float* rows[2] = {args.query + step * args.key_width + key_from,
                                args.query + (step + 8 * args.timesteps) * args.key_width + key_from};
        query.load(rows, exists, key_columns, aligned, args.scale * 1.44269504088896341f);

        float context[WORDS][4][4] = {};
        float largest[2] = {-INFINITY, -INFINITY}, total[2] = {0, 0};
        for (int block = 0; block < bits.blocks; block++) {
            const uint32_t live = bits.live[block];
            if (!live) continue;
            float score[4][4] = {};
#pragma unroll
            for (int word = 0; word < WORDS; word++) {
                if (32 * word >= key_columns) break;
                const uint32_t* keys = bits.key + word * 32 * bits.blocks + 32 * block + quad;
#pragma unroll
                for (int jn = 0; jn < 4; jn++)
                    mma_spike_word(score[jn], query.a[word], rotate_left(keys[8 * jn], rotation));
            }
            float block_largest[2] = {-INFINITY, -INFINITY};
#pragma unroll
            for (int i = 0; i < 16; i++) {  // key 4 q + jn + 16 e of row g + 8 upper
                const int jn = i >> 2, upper = i >> 1 & 1, e = i & 1;
                float& s = score[jn][2 * upper + e];
                s = s * query.factor[upper];
                if (live != ALL_LANES && !(live >> (4 * q + jn + 16 * e) & 1)) s = -INFINITY;
                block_largest[upper] = fmaxf(block_largest[upper], s);
            }
#pragma unroll
            for (int upper = 0; upper < 2; upper++) block_largest[upper] = fmaxf(largest[upper], quad_max(block_largest[upper]));
            if (__any_sync(ALL_LANES, block_largest[0] > largest[0] || block_largest[1] > largest[1])) {
#pragma unroll
                for (int upper = 0; upper < 2; upper++) {
                    const float shrink = exp2f(largest[upper] - block_largest[upper]);
                    largest[upper] = block_largest[upper];
                    total[upper] *= shrink;
#pragma unroll
                    for (int i = 0; i < WORDS * 8; i++) context[i / 8][i / 2 % 4][2 * upper + i % 2] *= shrink;
                }
            }
            SplitOperand probability[2];
#pragma unroll
            for (int jn = 0; jn < 4; jn++)
#pragma unroll
                for (int upper = 0; upper < 2; upper++) {
                    const float first = exp2f(score[jn][2 * upper] - largest[upper]), second = exp2f(score[jn][2 * upper + 1] - largest[upper]);
                    total[upper] += first + second;
                    probability[jn >> 1].set(upper + 2 * (jn & 1), SplitPair(first * against_spike_bit(jn), second * against_spike_bit(jn)));
                }
#pragma unroll
            for (int word = 0; word < WORDS; word++) {
                if (32 * word >= value_columns) break;
#pragma unroll
                for (int j = 0; j < 4; j++) {
                    const uint32_t values = bits.value[(32 * word + output_of_slot(j, quad)) * bits.stride + block];
                    mma_spike_word(context[word][j], probability, rotate_left(values, rotation));
                }
            }
        }

        const float inverse[2] = {1.f / quad_sum(total[0]), 1.f / quad_sum(total[1])};
        const int output_row = 2 * ((args.value_width + 63) / 64);
#pragma unroll
        for (int first_word = 0; first_word < WORDS; first_word += 2) {
            if (32 * first_word >= value_columns) break;
            uint32_t spikes[4];  // 2 * upper + word
#pragma unroll
            for (int i = 0; i < 4; i++) {
                const int upper = i >> 1, word = first_word + (i & 1);
                uint32_t fired = 0;
#pragma unroll
                for (int c = 0; c < 8; c++)
                    membrane.step(u[word][upper][c], context[word][c >> 1][2 * upper + (c & 1)] * inverse[upper], fired, spike_bit(c));
                spikes[i] = fired << (4 * q);
            }
            const int column = 32 * (first_word + (q & 1));
            const uint32_t fired = gather_quad_word(spikes) & first_bits(value_columns - column);
            const int token = first_query + quad + 8 * (q >> 1), to = value_from + column, shift = to & 31;
            if (token < length && column < value_columns) {
                uint32_t* word = args.output + ((int64_t(first_row) + token) * args.timesteps + t) * output_row + (to >> 5);
                if (((value_from | value_to) & 31) == 0) {
                    *word = fired;
                } else {  // words are shared with the neighbouring heads
                    if (fired << shift) atomicOr(word, fired << shift);
                    if (shift && fired >> (32 - shift)) atomicOr(word + 1, fired >> (32 - shift));
                }
            }
        }
    }
}

extern "C" __global__ void __launch_bounds__(256) spiking_attention_m16d64_f32(const __grid_constant__ SpikingAttentionArgs args) {
    spiking_attention<64>(args);
}
extern "C" __global__ void __launch_bounds__(256) spiking_attention_m16d128_f32(const __grid_constant__ SpikingAttentionArgs args) {
    spiking_attention<128>(args);
}
