// spiking_attention: p = softmax(scale * q . key spikes), context = p . value spikes, membrane over the timesteps, bits out: one kernel.
//
// Layout: query float32 [rows, timesteps, key_width]; key, value, output spikes as 32-bit words [rows, timesteps, 2 * words(width)].
// Ragged sequences by row_offsets; head h owns columns key_offsets[h] .. and value_offsets[h] .. (any width up to 64 or 128, any
// alignment). Grid (query tiles, heads, sequences). A block takes some tiles of 16 queries and goes through the timesteps in chunks of
// `steps`, a warp for each tile and step: attention of a timestep depends on no other. Their currents meet in shared memory, where the
// warps share the neurons out and let time pass. So a device that few sequences would leave idle works on all timesteps at once, with
// the same arithmetic: the result does not depend on the cut.
//
// Why fast: keys and values of a head stay bits, in shared memory whole; both are B operands made from bits by one rotation and one AND
// a register, as in spike_matmul, and lie so that one 16-byte load brings 8 x 4 of them. Queries and probabilities are split into two
// fp16 halves, so the products are float32-faithful on fp16 tensor cores. Queries are multiplied by scale * log2(e) before that, and
// each row by a power of two, so no query overflows and a score costs one FMA and one ex2: the factor that is left is a power of two,
// which rounds nothing. Softmax runs online over blocks of 32 keys; the order of keys within a block makes the scores' registers the
// next product's A operand as they stand. Potentials and currents live in shared memory, so that 128 registers are enough for heads
// of 64 columns and 4 warps wait for each other's latencies on every scheduler. Queries and bits are asked for together, queries first.
#include "neuron.cuh"
#include "spike_rows.cuh"
#include "weight_kinds.cuh"
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
    int32_t tiles;                 // of 16 queries, of a block
    int32_t steps;                 // timesteps of a chunk; the block has tiles * steps warps
};

// 2 to the x; what is too small to be a normal number is 0.
__device__ inline float exp2_or_zero(float x) {
    float power;
    asm("ex2.approx.ftz.f32 %0, %1;" : "=f"(power) : "f"(x));
    return power;
}

// One store of 16 bytes: a float4 at a pointer becomes four stores, which meet on the same banks.
__device__ inline void store_shared_16(uint32_t address, float x, float y, float z, float w) {
    asm volatile("st.shared.v4.f32 [%0], {%1,%2,%3,%4};" ::"r"(address), "f"(x), "f"(y), "f"(z), "f"(w) : "memory");
}

// a / b for 0 <= a, 0 < b, both small.
__device__ inline int divide_small(int a, int b) { return int(__fdividef(a + 0.5f, b)); }

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

// d += a * spikes for the 32 k positions of four spike words, one an n8 tile. Neighbouring instructions add to different sums.
__device__ inline void mma_spike_words(float (&d)[4][4], const SplitOperand (&a)[2], uint4 words, int rotation) {
    const uint32_t bits[4] = {rotate_left(words.x, rotation), rotate_left(words.y, rotation), rotate_left(words.z, rotation),
                              rotate_left(words.w, rotation)};
#pragma unroll
    for (int step = 0; step < 2; step++) {
        const uint32_t even = 0x04000400u << (2 * step), odd = 0x08000800u << (2 * step);
#pragma unroll
        for (int j = 0; j < 4; j++) mma_f16(d[j], a[step].hi, bits[j] & even, bits[j] & odd);
#pragma unroll
        for (int j = 0; j < 4; j++) mma_f16(d[j], a[step].lo, bits[j] & even, bits[j] & odd);
    }
}

// What meets spike bit 10 + p of a half.
__device__ constexpr float against_spike_bit(int p) { return p == 0 ? 16384.f : p == 1 ? 8192.f : p == 2 ? 2048.f : 128.f; }

__device__ inline float quad_max(float value) {
    value = fmaxf(value, __shfl_xor_sync(ALL_LANES, value, 1));
    return fmaxf(value, __shfl_xor_sync(ALL_LANES, value, 2));
}

// 32-bit words of a spike row.
__device__ inline uint32_t half_words(int width) { return uint32_t(width + 63) / 64 * 2; }

// Where a row's timestep lies: of a batch there are fewer than 2^32.
__device__ inline uint64_t place_of(int row, int t, int timesteps) { return uint32_t(row) * uint32_t(timesteps) + uint32_t(t); }

// The columns of a head in spike rows.
struct HeadColumns {
    int from, to;
    __device__ HeadColumns(const int32_t* offsets, int head) : from(offsets[head]), to(offsets[head + 1]) {}
    __device__ int count() const { return to - from; }

    // The 64 bits from column 64 w of the head on, those of other heads zero. row: where the head's first bit lies in a spike row.
    __device__ uint2 bits(const uint32_t* row, int w) const {
        const int left = count() - 64 * w, shift = from & 31;
        if (left <= 0) return make_uint2(0, 0);
        uint2 both;
        if ((from & 63) == 0) {
            both = reinterpret_cast<const uint2*>(row)[w];
        } else {
            const uint32_t middle = shift + left > 32 ? row[2 * w + 1] : 0, high = shift + left > 64 ? row[2 * w + 2] : 0;
            both = make_uint2(__funnelshift_r(row[2 * w], middle, shift), __funnelshift_r(middle, high, shift));
        }
        return make_uint2(both.x & first_bits(left), both.y & first_bits(left - 32));
    }
};

// Keys and values of a head at one timestep: for every 32 tokens WORDS * 32 words of keys, then as many of values.
// Word 32 w + 4 g + j of the keys: columns 32 w .. of key 4 (g / 2) + j + 16 (g % 2). Word 32 w + 4 g + j of the values: the 32 tokens'
// bits of column 32 w + 16 (j / 2) + 4 (g / 2) + 2 (j % 2) + g % 2, which makes a lane's sums runs of 4 neighbouring columns.
template <int WORDS>
struct HeadBits {
    static constexpr int BLOCK = 2 * WORDS * 32;
    uint32_t* words;

    // Of every so many blocks of 32 tokens from the first on. Two of them are on their way at a time.
    __device__ void load(const SpikingAttentionArgs& args, int first_row, int length, int t, HeadColumns keys, HeadColumns values,
                         int first, int apart) const {
        const int lane = threadIdx.x & 31;
        const uint32_t key_row = half_words(args.key_width), value_row = half_words(args.value_width);
        const int key_slot = 4 * (2 * (lane >> 2 & 3) + (lane >> 4)) + (lane & 3);
        const int value_slot = 4 * (2 * (lane >> 2 & 3) + (lane & 1)) + 2 * (lane >> 4) + (lane >> 1 & 1);
        for (int block = first; 32 * block < length; block += 2 * apart) {
            uint2 bits[2][WORDS] = {};  // of keys, then of values
#pragma unroll
            for (int i = 0; i < 2; i++) {
                const int token = 32 * (block + i * apart) + lane;
                if (token >= length) break;
                const uint64_t place = place_of(first_row + token, t, args.timesteps);
                const uint32_t* const key = args.key + place * key_row + (keys.from >> 5);
                const uint32_t* const value = args.value + place * value_row + (values.from >> 5);
#pragma unroll
                for (int w = 0; w < WORDS / 2; w++) bits[i][w] = keys.bits(key, w), bits[i][WORDS / 2 + w] = values.bits(value, w);
            }
#pragma unroll
            for (int i = 0; i < 2; i++) {
                uint32_t* to = words + (block + i * apart) * BLOCK;
                if (32 * (block + i * apart) >= length) break;
#pragma unroll
                for (int w = 0; w < WORDS / 2; w++) {
                    to[64 * w + key_slot] = bits[i][w].x;
                    to[64 * w + 32 + key_slot] = bits[i][w].y;
                    to[BLOCK / 2 + 64 * w + value_slot] = transpose_bits(bits[i][WORDS / 2 + w].x);
                    to[BLOCK / 2 + 64 * w + 32 + value_slot] = transpose_bits(bits[i][WORDS / 2 + w].y);
                }
            }
        }
    }
};

// Queries of rows g and g + 8 as they are: x[upper][word][e][p] is column 32 word + 16 e + 4 q + p.
template <int WORDS>
struct Queries {
    float x[2][WORDS][2][4];

    __device__ void load(const float* const (&row)[2], const bool (&exists)[2], int columns, bool aligned) {
        const int first = 4 * (threadIdx.x & 3);
        if (aligned) {
#pragma unroll
            for (int i = 0; i < WORDS * 4; i++) {
                const int upper = i & 1, column = first + 16 * (i >> 1);
                const float4 four =
                    exists[upper] && column < columns ? *reinterpret_cast<const float4*>(row[upper] + column) : float4{0, 0, 0, 0};
                float(&run)[4] = x[upper][i >> 2][i >> 1 & 1];
                run[0] = four.x, run[1] = four.y, run[2] = four.z, run[3] = four.w;
            }
        } else {
#pragma unroll
            for (int i = 0; i < WORDS * 16; i++) {
                const int upper = i & 1, column = first + 16 * (i >> 3) + (i >> 1 & 3);
                x[upper][i >> 4][i >> 3 & 1][i >> 1 & 3] = exists[upper] && column < columns ? row[upper][column] : 0.f;
            }
        }
    }
};

// Queries as split A operands, and the powers of two that the scores must be multiplied by.
template <int WORDS>
struct QueryOperand {
    SplitOperand a[WORDS][2];
    float factor[2];

    __device__ void set(const Queries<WORDS>& queries, float scale) {
        // A row of smaller queries than this has even scores, to float32's last bit; the factor must not vanish.
        constexpr int LEAST = 0x20000000;
#pragma unroll
        for (int upper = 0; upper < 2; upper++) {
            float largest = 0;
#pragma unroll
            for (int i = 0; i < WORDS * 8; i++) largest = fmaxf(largest, fabsf(queries.x[upper][i / 8][i / 4 % 2][i % 4]));
            const int exponent = max(__float_as_int(fabsf(quad_max(largest) * scale)) & 0x7f800000, LEAST);
            factor[upper] = __int_as_float(exponent);
            const float down = __int_as_float(0x7f000000 - exponent) * scale;
#pragma unroll
            for (int i = 0; i < WORDS * 4; i++) {
                const int word = i / 4, p = i % 4;
                const float by = down * against_spike_bit(p);
                a[word][p >> 1].set(upper + 2 * (p & 1), SplitPair(queries.x[upper][word][0][p] * by, queries.x[upper][word][1][p] * by));
            }
        }
    }
};

// Currents of a warp's queries in shared memory, [16][STRIDE]: the stride puts two rows' runs of 16 columns on different banks.
template <int WORDS>
struct Currents {
    static constexpr int STRIDE = 32 * WORDS + 16;
    // By how much (log2) a score may pass the one that a row's probabilities are relative to, before all of them are scaled down:
    // against_spike_bit(0) * 2^SLACK is still an fp16.
    static constexpr float SLACK = 1.9f;

    // Attention of 16 queries to all live keys.
    __device__ static void attend(float* to, const QueryOperand<WORDS>& query, const HeadBits<WORDS>& bits, const uint32_t* live,
                                  int blocks, int key_columns, int value_columns) {
        const int lane = threadIdx.x & 31, quad = lane >> 2, q = lane & 3, rotation = (10 - 4 * q) & 31;
        float context[WORDS][4][4] = {};
        float largest[2] = {-INFINITY, -INFINITY}, total[2] = {0, 0};
        const uint4* words = reinterpret_cast<const uint4*>(bits.words) + quad;  // keys at 8 * word, values at 8 * (WORDS + word)
        uint32_t seen = 0;  // not 0 after the first block with live keys
        for (int block = 0; block < blocks; block++, words += HeadBits<WORDS>::BLOCK / 4) {
            const uint32_t alive = live[block];
            if (!alive) continue;
            float score[4][4] = {};
#pragma unroll
            for (int word = 0; word < WORDS; word++) {
                if (32 * word >= key_columns) break;
                mma_spike_words(score, query.a[word], words[8 * word], rotation);
            }
            // Score 4 jn + 2 upper + e: key 4 q + jn + 16 e of row g + 8 upper.
            if (alive != ALL_LANES) {
                const uint32_t mine = alive >> (4 * q);
#pragma unroll
                for (int i = 0; i < 16; i++)
                    if (!(mine >> ((i >> 2) + 16 * (i & 1)) & 1)) score[i >> 2][i & 3] = -INFINITY;
            }
            float block_largest[2];
#pragma unroll
            for (int upper = 0; upper < 2; upper++) {
                float most = fmaxf(score[0][2 * upper], score[0][2 * upper + 1]);
#pragma unroll
                for (int jn = 1; jn < 4; jn++) most = fmaxf(most, fmaxf(score[jn][2 * upper], score[jn][2 * upper + 1]));
                block_largest[upper] = fmaxf(largest[upper], quad_max(most) * query.factor[upper]);
            }
            if (!seen) {  // there is nothing to scale down
                largest[0] = block_largest[0], largest[1] = block_largest[1];
            } else if (__any_sync(ALL_LANES, block_largest[0] > largest[0] + SLACK || block_largest[1] > largest[1] + SLACK)) {
#pragma unroll
                for (int upper = 0; upper < 2; upper++) {  // each row by itself, whatever the tile's others are
                    const bool passes = block_largest[upper] > largest[upper] + SLACK;
                    const float shrink = passes ? exp2_or_zero(largest[upper] - block_largest[upper]) : 1.f;
                    if (passes) largest[upper] = block_largest[upper];
                    total[upper] *= shrink;
#pragma unroll
                    for (int i = 0; i < WORDS * 8; i++) context[i / 8][i / 2 % 4][2 * upper + i % 2] *= shrink;
                }
            }
            seen |= alive;
            SplitOperand probability[2];
#pragma unroll
            for (int jn = 0; jn < 4; jn++)
#pragma unroll
                for (int upper = 0; upper < 2; upper++) {
                    const float first = exp2_or_zero(__fmaf_rn(score[jn][2 * upper], query.factor[upper], -largest[upper]));
                    const float second = exp2_or_zero(__fmaf_rn(score[jn][2 * upper + 1], query.factor[upper], -largest[upper]));
                    total[upper] += first + second;
                    probability[jn >> 1].set(upper + 2 * (jn & 1),
                                             SplitPair(first * against_spike_bit(jn), second * against_spike_bit(jn)));
                }
#pragma unroll
            for (int word = 0; word < WORDS; word++) {
                if (32 * word >= value_columns) break;
                mma_spike_words(context[word], probability, words[8 * (WORDS + word)], rotation);
            }
        }
#pragma unroll
        for (int upper = 0; upper < 2; upper++) {
            const float inverse = 1.f / quad_sum(total[upper]);
            const uint32_t row = shared_address(to + (quad + 8 * upper) * STRIDE + 4 * q);
#pragma unroll
            for (int i = 0; i < WORDS * 2; i++) {
                const float(&low)[4] = context[i / 2][2 * (i % 2)], (&high)[4] = context[i / 2][2 * (i % 2) + 1];
                store_shared_16(row + 64 * i, low[2 * upper] * inverse, low[2 * upper + 1] * inverse, high[2 * upper] * inverse,
                                high[2 * upper + 1] * inverse);
            }
        }
    }
};

template <int HEAD>
__device__ void spiking_attention(const SpikingAttentionArgs& args) {
    constexpr int WORDS = HEAD / 32, STRIDE = Currents<WORDS>::STRIDE;
    extern __shared__ uint4 shared[];
    const int lane = threadIdx.x & 31, warp = threadIdx.x >> 5, warps = blockDim.x >> 5, head = blockIdx.y;
    const int tiles = args.tiles, step = divide_small(warp, tiles), tile = warp - step * tiles;
    const int first_row = args.row_offsets[blockIdx.z], length = args.row_offsets[blockIdx.z + 1] - first_row;
    const int first_token = blockIdx.x * tiles * 16, first_query = first_token + 16 * tile;
    if (first_token >= length) return;  // the whole block: this sequence has fewer tiles than the longest
    const int blocks = (length + 31) / 32;

    float* const currents = reinterpret_cast<float*>(shared);        // [steps][tiles][16][STRIDE]
    float* const potentials = currents + warps * 16 * STRIDE;        // [tiles][16][HEAD], where they outlive a chunk
    uint32_t* const live = reinterpret_cast<uint32_t*>(potentials + (args.timesteps > args.steps ? tiles * 16 * HEAD : 0));  // [blocks]
    const HeadBits<WORDS> bits{live + ((blocks + 3) & ~3) + step * blocks * HeadBits<WORDS>::BLOCK};                         // [steps]

    // Live keys; where none is, all that exist.
    bool any = false;
    for (int key = threadIdx.x; key < 32 * blocks; key += blockDim.x) {
        const bool alive = key < length && (!args.live || args.live[first_row + key]);
        const uint32_t word = __ballot_sync(ALL_LANES, alive);
        if (lane == 0) live[key >> 5] = word;
        any |= alive;
    }
    if (!__syncthreads_or(any))
        for (int block = threadIdx.x; block < blocks; block += blockDim.x) live[block] = first_bits(length - 32 * block);

    const Membrane membrane(args.neuron);
    const int rows = min(16 * tiles, length - first_token);
    // The row and step whose spikes this lane writes.
    const int rows_before = divide_small(lane, args.steps);
    const int row_of_lane = warp + rows_before * warps, step_of_lane = lane - rows_before * args.steps;
    for (int first_step = 0; first_step < args.timesteps; first_step += args.steps) {
        const int t = first_step + step, present = min(args.steps, args.timesteps - first_step);
        int key_columns = 0, value_columns = 0;
        QueryOperand<WORDS> query;
        if (step < present) {
            const HeadColumns keys(args.key_offsets, head), values(args.value_offsets, head);
            const bool aligned = ((args.key_width | keys.from | keys.to) & 3) == 0;
            key_columns = keys.count(), value_columns = values.count();
            const int row = first_query + (lane >> 2);
            const float* const from = args.query + place_of(first_row + row, t, args.timesteps) * uint32_t(args.key_width) + keys.from;
            Queries<WORDS> queries;
            queries.load({from, from + uint64_t(8 * args.timesteps) * uint32_t(args.key_width)}, {row < length, row + 8 < length},
                         key_columns, aligned);
            bits.load(args, first_row, length, t, keys, values, tile, tiles);
            query.set(queries, args.scale * 1.44269504088896341f);
        }
        __syncthreads();
        if (step < present && first_query < length)
            Currents<WORDS>::attend(currents + warp * 16 * STRIDE, query, bits, live, blocks, key_columns, value_columns);
        __syncthreads();

        // A warp takes whole rows, a lane every 32nd column. Lane i keeps the spikes of the i-th row and step: there are at most 31.
        uint32_t fired[WORDS] = {};
        const bool first_chunk = first_step == 0, last_chunk = first_step + args.steps >= args.timesteps;
        float* kept = potentials + warp * HEAD + lane;
        const float* row_currents = currents + warp * STRIDE + lane;
        for (int r = warp, i = 0; r < rows; r += warps, i += args.steps, kept += warps * HEAD, row_currents += warps * STRIDE) {
            float u[WORDS];
#pragma unroll
            for (int word = 0; word < WORDS; word++) u[word] = first_chunk ? args.neuron.initial_potential : kept[32 * word];
            const float* current = row_currents;
            for (int s = 0; s < present; s++, current += tiles * 16 * STRIDE)
#pragma unroll
                for (int word = 0; word < WORDS; word++) {
                    const uint32_t spikes = __ballot_sync(ALL_LANES, membrane.fires(u[word], current[32 * word]));
                    fired[word] = lane == i + s ? spikes : fired[word];
                }
            if (last_chunk) continue;
#pragma unroll
            for (int word = 0; word < WORDS; word++) kept[32 * word] = u[word];
        }
        if (row_of_lane < rows && step_of_lane < present) {
            const HeadColumns values(args.value_offsets, head);
            const uint64_t place = place_of(first_row + first_token + row_of_lane, first_step + step_of_lane, args.timesteps);
            uint32_t* const row = args.output + place * half_words(args.value_width) + (values.from >> 5);
            const int shift = values.from & 31;
#pragma unroll
            for (int word = 0; word < WORDS; word++) {
                if (32 * word >= values.count()) break;
                const uint32_t spikes = fired[word] & first_bits(values.count() - 32 * word);
                if (((values.from | values.to) & 31) == 0) {
                    row[word] = spikes;
                } else {  // words are shared with the neighbouring heads
                    if (spikes << shift) atomicOr(row + word, spikes << shift);
                    if (shift && spikes >> (32 - shift)) atomicOr(row + word + 1, spikes >> (32 - shift));
                }
            }
        }
    }
}

extern "C" __global__ void __launch_bounds__(512) spiking_attention_m16d64_f32(const __grid_constant__ SpikingAttentionArgs args) {
    spiking_attention<64>(args);
}
extern "C" __global__ void __launch_bounds__(256) spiking_attention_m16d128_f32(const __grid_constant__ SpikingAttentionArgs args) {
    spiking_attention<128>(args);
}
