// spike_matmul over whole rows, fused with bias + residual spikes -> LayerNorm -> membrane -> bits.
//
// For weights of one bit an operand. A block takes 32 (token, timestep) rows and up to 768 outputs, or 16 rows and up to 1024; a warp takes
// a tile of 64 outputs. How many timesteps of its tokens these rows are is up to the launch: 1, 2, 4, 8 or 16, so few tokens of many
// timesteps pass over the weights as seldom as many tokens of few. More timesteps follow in chunks, the potentials kept in shared memory.
// Mean and variance of a row are made from the sums where they lie: a quad's part by shuffles, the block's by one exchange of (mean,
// squared deviations) in shared memory.
//
// Why fast: no current leaves the chip. Each warp streams its own weights from the second-level cache straight into the registers that
// the tensor cores read, a slice ahead: the loop needs no shared memory but for the spikes, and no barrier. For the membranes a warp turns
// its currents by way of shared memory until a lane has all timesteps of an output: whatever the rows are, the scan is the same.
#pragma once
#include "packed_weights.cuh"
#include "spike_matmul_args.cuh"
#include "spike_rows.cuh"

// Groups of 32 outputs of a warp's tile.
constexpr int GROUPS = 2;

// The slices of a tile's groups, in registers a slice ahead.
template <class Kind>
struct SliceStream {
    static constexpr int SLICE_BYTES = Packing<Kind>::SLICE_BYTES;
    using Vector = typename Kind::Vector;
    static_assert(Packing<Kind>::STAGE_SLICES == 1);
    const Vector* from[GROUPS];  // this lane's part of the current slice of each group
    Vector b[GROUPS][4];

    __device__ explicit SliceStream(const uint8_t* tile) {
#pragma unroll
        for (int group = 0; group < GROUPS; group++) {
            from[group] = reinterpret_cast<const Vector*>(tile + group * SLICE_BYTES) + (threadIdx.x & 31);
            load(group);
        }
    }
    // The next slice of a group.
    __device__ void load(int group) {
#pragma unroll
        for (int j = 0; j < 4; j++) b[group][j] = from[group][32 * j];
        from[group] += GROUPS * SLICE_BYTES / int(sizeof(Vector));
    }
};

// y + 1 where the residual spikes. Bit 27 + c of `bits`, alone in a float, is 2^-111, 2^-95, 2^-63, 2^1 for c = 0 .. 3.
__device__ inline float add_residual(float y, uint32_t bits, int c) {
    const float one = c == 0 ? 0x1p111f : c == 1 ? 0x1p95f : c == 2 ? 0x1p63f : 0x1p-1f;
    float bit;
    asm("and.b32 %0, %1, %2;" : "=f"(bit) : "r"(bits), "r"(1u << (27 + c)));
    return __fmaf_rn(bit, one, y);
}

struct RowMoments {
    float mean, inverse;
};

// A row's moments from its warps' parts: mean and squared deviations of `warp_outputs` outputs each, the last of fewer.
__device__ inline RowMoments combine_moments(const float2* part, int parts_apart, int warp_outputs, int outputs, float eps) {
    const int full = outputs / warp_outputs, rest = outputs - full * warp_outputs;
    const float share = 1.f / outputs, weight = warp_outputs, weight_of_rest = rest;
    const float2 of_rest = rest ? part[full * parts_apart] : make_float2(0, 0);
    float mean = 0;
    for (int w = 0; w < full; w++) mean += part[w * parts_apart].x;
    mean = __fmaf_rn(mean, weight, of_rest.x * weight_of_rest) * share;
    float squares = __fmaf_rn((of_rest.x - mean) * (of_rest.x - mean), weight_of_rest, of_rest.y);
    for (int w = 0; w < full; w++) {
        const float2 of_warp = part[w * parts_apart];
        squares += __fmaf_rn((of_warp.x - mean) * (of_warp.x - mean), weight, of_warp.y);
    }
    return {mean, rsqrtf(__fmaf_rn(squares, share, eps))};
}

// Two 16 x 32 parts of a warp's currents on their way from rows g and g + 8 of a fragment to columns of a lane. Halves of a row change
// places in odd rows, so that neither way has conflicts.
struct TurnedCurrents {
    float *of_warp, *even_rows, *odd_rows;  // the latter two: of this lane's column
    int lane;

    __device__ TurnedCurrents(float* of_warp, int lane)
        : of_warp(of_warp), even_rows(of_warp + lane), odd_rows(of_warp + 32 + (lane ^ 16)), lane(lane) {}

    __device__ void put(int half, int upper, const float (&value)[8]) const {
        const int quad = lane >> 2, first = (4 * (lane & 3)) ^ (16 * (quad & 1));
        float* row = of_warp + 32 * (16 * half + 8 * upper + quad);
        *reinterpret_cast<float4*>(row + first) = make_float4(value[0], value[1], value[2], value[3]);
        *reinterpret_cast<float4*>(row + (first ^ 16)) = make_float4(value[4], value[5], value[6], value[7]);
    }
    __device__ float get(int half, int row) const { return (row & 1 ? odd_rows : even_rows)[32 * (16 * half + (row & ~1))]; }
};

template <class Kind, int M_TILES>
__device__ void spike_matmul_rows(const SpikeMatmulRowsArgs& args) {
    constexpr int ROWS = 16 * M_TILES, PARTS_OF_TURN = 2, TURNED_BYTES = PARTS_OF_TURN * 16 * 32 * 4;
    extern __shared__ __align__(16) uint8_t shared[];  // currents on their turn, moments, residual and output, spikes, carried potentials
    const int lane = threadIdx.x & 31, quad = lane >> 2, q = lane & 3, warp = threadIdx.x >> 5;
    const int tiles = (args.outputs + 63) / 64, first_group = GROUPS * warp;  // a warp a tile; the last group may be without outputs
    const PackedWeights<Kind> weights(args.packed, tiles, args.inputs);
    const TurnedCurrents turned(reinterpret_cast<float*>(shared + warp * TURNED_BYTES), lane);
    float2* part = reinterpret_cast<float2*>(shared + tiles * TURNED_BYTES);  // [warps][quads][rows of a quad]
    const SpikeRows<ROWS, 1> residual(shared + tiles * (TURNED_BYTES + ROWS * int(sizeof(float2))), tiles);
    const SpikeRows<ROWS, 2> spikes(residual.end(), (args.inputs + 63) / 64);
    float* carried = reinterpret_cast<float*>(spikes.end()) + 32 * first_group + lane;  // [tokens][outputs of all warps]

    const int steps = args.steps;
    const bool carries = args.timesteps > steps;
    const int carried_token = 32 * GROUPS * tiles;
    ChunkRows rows{0, 0, 31 - __clz(steps), args.rows, args.timesteps};
    const int carried_part = M_TILES == 1 ? 32 : (16 >> rows.log2_steps) * carried_token;  // from part 0 of a turn to part 1
    rows.first_token = blockIdx.x * (ROWS >> rows.log2_steps);
    const uint32_t first_row = shared_address(spikes.words_at + Kind::lane_row(lane) * spikes.stride + Kind::lane_word(lane));

    for (; rows.first_step < args.timesteps; rows.first_step += steps) {
        residual.load(reinterpret_cast<const uint64_t*>(args.residual), rows);
        spikes.load(args.spikes, rows);
        copy_async_commit();
        SliceStream<Kind> stream(weights.tile(warp));
        copy_async_wait<0>();
        __syncthreads();

        typename Kind::Sum d[M_TILES][GROUPS * 4][4];
        int32_t count[M_TILES][4];
#pragma unroll
        for (int i = 0; i < M_TILES * GROUPS * 16; i++) d[i / (GROUPS * 16)][i / 4 % (GROUPS * 4)][i % 4] = 0;
#pragma unroll
        for (int i = 0; i < M_TILES * 4; i++) count[i / 4][i % 4] = 0;

        uint32_t row = first_row;
#pragma unroll 1
        for (int words_left = spikes.words; words_left > 0; words_left -= Kind::STAGE_WORDS) {
            typename Kind::Operand operand[M_TILES];
#pragma unroll
            for (int m = 0; m < M_TILES; m++) load_matrices(operand[m].a, row + 128 * m * spikes.stride);
            row += 8 * Kind::STAGE_WORDS;
            const CountedOnes ones(words_left);
#pragma unroll
            for (int m = 0; m < M_TILES; m++) mma_b1(count[m], operand[m].a, ones.b0, ones.b1);
#pragma unroll
            for (int group = 0; group < GROUPS; group++) {
#pragma unroll
                for (int j = 0; j < 4; j++)
#pragma unroll
                    for (int m = 0; m < M_TILES; m++) Kind::multiply(d[m][4 * group + j], operand[m], stream.b[group][j]);
                if (words_left > Kind::STAGE_WORDS) stream.load(group);
            }
        }

        // Currents before the LayerNorm; outputs beyond the row's end count nowhere.
        const int warp_outputs = min(32 * GROUPS, args.outputs - 32 * first_group);
        const float per_output = 1.f / warp_outputs;
        float y[M_TILES][2][GROUPS][8];
        uint32_t exists[GROUPS];
#pragma unroll
        for (int group = 0; group < GROUPS; group++) {
            exists[group] = first_bits(warp_outputs - 32 * group) >> (4 * q);
            const int of_all = first_group + group;
            if (group > 0) __syncwarp();  // keeps loads for later groups, and so their registers, behind the earlier groups
            float scale[8], bias[8];
            load_lane_outputs(scale, weights.scale() + 32 * of_all);
            load_lane_outputs(bias, weights.bias() + 32 * of_all);
#pragma unroll
            for (int m = 0; m < M_TILES; m++)
#pragma unroll
                for (int upper = 0; upper < 2; upper++) {
                    const uint32_t word = residual.half_words(16 * m + 8 * upper + quad)[of_all];
                    const uint32_t four[2] = {rotate_left(word, 27 - 4 * q), rotate_left(word, 11 - 4 * q & 31)};
#pragma unroll
                    for (int c = 0; c < 8; c++) {
                        const auto sum = d[m][4 * group + (c >> 1)][2 * upper + (c & 1)];
                        const float value = float(Kind::value(sum, count[m][2 * upper]));
                        y[m][upper][group][c] = add_residual(__fmaf_rn(value, scale[c], bias[c]), four[c >> 2], c & 3);
                    }
                }
        }
        if (warp_outputs < 32 * GROUPS) {
#pragma unroll
            for (int i = 0; i < M_TILES * 2 * GROUPS * 8; i++) {
                float& v = y[i / (GROUPS * 16)][i / (GROUPS * 8) % 2][i / 8 % GROUPS][i % 8];
                if (!(exists[i / 8 % GROUPS] & spike_bit(i % 8))) v = 0;
            }
        }
        float warp_mean[M_TILES][2];
        float2 own_part;  // of the row that this lane of the quad speaks for
#pragma unroll
        for (int i = 0; i < M_TILES * 2; i++) {
            float(&of_row)[GROUPS][8] = y[i / 2][i % 2];
            float sum = 0, squares = 0;
#pragma unroll
            for (int e = 0; e < GROUPS * 8; e++) sum += of_row[e / 8][e % 8];
            const float mean = quad_sum(sum) * per_output;
            warp_mean[i / 2][i % 2] = mean;
#pragma unroll
            for (int e = 0; e < GROUPS * 8; e++) of_row[e / 8][e % 8] -= mean;
            if (warp_outputs < 32 * GROUPS) {
#pragma unroll
                for (int e = 0; e < GROUPS * 8; e++)
                    if (!(exists[e / 8] & spike_bit(e % 8))) of_row[e / 8][e % 8] = 0;
            }
#pragma unroll
            for (int e = 0; e < GROUPS * 8; e++) squares = __fmaf_rn(of_row[e / 8][e % 8], of_row[e / 8][e % 8], squares);
            squares = quad_sum(squares);
            if (i == 0 || q == i) own_part = make_float2(mean, squares);
        }
        if (q < M_TILES * 2) part[warp * ROWS + M_TILES * 2 * quad + q] = own_part;
        __syncthreads();
        const RowMoments own = combine_moments(part + M_TILES * 2 * quad + q % (M_TILES * 2), ROWS, 32 * GROUPS, args.outputs, args.eps);
        float inverse[M_TILES][2], apart[M_TILES][2];  // y is centred on the warp's mean
#pragma unroll
        for (int i = 0; i < M_TILES * 2; i++) {
            inverse[i / 2][i % 2] = __shfl_sync(ALL_LANES, own.inverse, 4 * quad + i);
            apart[i / 2][i % 2] = (warp_mean[i / 2][i % 2] - __shfl_sync(ALL_LANES, own.mean, 4 * quad + i)) * inverse[i / 2][i % 2];
        }

        const Membrane membrane(args.neuron);
#pragma unroll
        for (int turn = 0; turn < M_TILES * GROUPS / PARTS_OF_TURN; turn++) {
            // Part p of a turn is rows from 16 * m on of a group.
            const auto m_of = [](int p) { return M_TILES == 1 ? 0 : p; };
            const auto group_of = [turn](int p) { return M_TILES == 1 ? 2 * turn + p : turn; };
            __syncwarp();
            float weight[PARTS_OF_TURN], bias[PARTS_OF_TURN], u[PARTS_OF_TURN];
#pragma unroll
            for (int p = 0; p < PARTS_OF_TURN; p++) {
                const int group = group_of(p), m = m_of(p), output = 32 * (first_group + group) + lane;
                weight[p] = weights.norm_weight()[output];
                bias[p] = weights.norm_bias()[output];
#pragma unroll
                for (int upper = 0; upper < 2; upper++) {
                    float normal[8];
#pragma unroll
                    for (int c = 0; c < 8; c++) normal[c] = __fmaf_rn(y[m][upper][group][c], inverse[m][upper], apart[m][upper]);
                    turned.put(p, upper, normal);
                }
            }
            __syncwarp();
            float* slot = carried + 32 * group_of(0);  // of the token that part 0 is at
            uint32_t fired = 0;  // bit 16 * p + row: this lane's output
#pragma unroll
            for (int row = 0; row < 16; row++) {
                if (row == 0 || steps <= (row & -row)) {  // a token begins
                    if (row > 0 && carries) {
#pragma unroll
                        for (int p = 0; p < PARTS_OF_TURN; p++) slot[p * carried_part] = u[p];
                        slot += carried_token;
                    }
#pragma unroll
                    for (int p = 0; p < PARTS_OF_TURN; p++)
                        u[p] = rows.first_step == 0 ? args.neuron.initial_potential : slot[p * carried_part];
                }
#pragma unroll
                for (int p = 0; p < PARTS_OF_TURN; p++) {
                    const float current = __fmaf_rn(turned.get(p, row), weight[p], bias[p]);
                    membrane.step(u[p], current, fired, 1u << (16 * p + row));
                }
            }
            if (carries) {
#pragma unroll
                for (int p = 0; p < PARTS_OF_TURN; p++) slot[p * carried_part] = u[p];
            }
            const uint32_t bits = transpose_bits(fired);
            const int p = lane >> 4, group = group_of(p);
            residual.half_words(16 * m_of(p) + (lane & 15))[first_group + group] = bits & first_bits(warp_outputs - 32 * group);
        }
        __syncthreads();  // all spikes have been read, all outputs are there
        residual.store(reinterpret_cast<uint64_t*>(args.output), rows);
    }
}
