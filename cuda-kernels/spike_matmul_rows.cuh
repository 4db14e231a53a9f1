// spike_matmul over whole rows, fused with bias + residual spikes -> LayerNorm -> membrane -> bits.
//
// A block takes 16 tokens and all outputs: 96 a warp at 2 timesteps a chunk (up to 768), or 128 at 1 (up to 1024). Chunks follow each
// other with the membranes in registers. Mean and variance of a (token, timestep) are made from the sums where they lie: a quad's part
// by shuffles, the block's by one exchange of (mean, squared deviations) in shared memory.
//
// Why fast: no current leaves the registers. Each warp streams its own weights, so nothing of the main loop is shared: slices go
// through the warp's own cp.async ring, and the loop needs no barrier of the block at all.
#pragma once
#include "packed_weights.cuh"
#include "spike_matmul_args.cuh"
#include "spike_rows.cuh"
#include <type_traits>

constexpr int RING = 4;  // slots of one slice of 32 outputs

// The slices of a warp's groups, k slice by k slice, on their way through its ring.
template <class Kind, int GROUPS>
struct SliceStream {
    static constexpr int SLICE_BYTES = Packing<Kind>::SLICE_BYTES;
    const uint8_t* packed;  // this lane's part of the first slice of tile 0
    int tile_bytes;
    int first_group, groups;
    uint32_t ring;  // this lane's place in slot 0
    int offset = 0, group = 0, slot = 0;

    // Lanes copy 16 bytes each; of 8-byte vectors these are not the lane's own, so a slice is read after a __syncwarp.
    __device__ void start_next() {
        if (offset < tile_bytes) {
            const int of_all = first_group + group;
            const uint8_t* from = packed + int64_t(of_all >> 1) * tile_bytes + (of_all & 1) * SLICE_BYTES + offset;
            const uint32_t to = ring + slot * SLICE_BYTES;
            copy_async_16<0>(to, from);
            copy_async_16<512>(to, from);
            if constexpr (SLICE_BYTES == 2048) {
                copy_async_16<1024>(to, from);
                copy_async_16<1536>(to, from);
            }
        }
        copy_async_commit();
        slot = (slot + 1) % RING;
        if (++group == groups) {
            group = 0;
            offset += 2 * SLICE_BYTES;
        }
    }
};

struct RowMoments {
    float mean, inverse;
};

// A token-timestep row's moments from its warps' parts: mean and squared deviations of `outputs_per_warp` outputs each.
__device__ inline RowMoments combine_moments(const float2* part, int rows, int warps, int outputs_per_warp, int outputs, float eps) {
    float mean = 0, squares = 0;
    for (int w = 0; w < warps; w++) mean = __fmaf_rn(part[w * rows].x, float(max(0, min(outputs_per_warp, outputs - outputs_per_warp * w))), mean);
    mean /= outputs;
    for (int w = 0; w < warps; w++) {
        const float2 of_warp = part[w * rows];
        const float apart = of_warp.x - mean;
        squares += __fmaf_rn(apart * apart, float(max(0, min(outputs_per_warp, outputs - outputs_per_warp * w))), of_warp.y);
    }
    return {mean, rsqrtf(squares / outputs + eps)};
}

template <class Kind, int STEPS, int GROUPS>
__device__ void spike_matmul_rows(const SpikeMatmulRowsArgs& args) {
    using Vector = typename Kind::Vector;
    constexpr int SLICE_BYTES = Packing<Kind>::SLICE_BYTES, ROWS = 16 * STEPS;
    extern __shared__ __align__(16) uint8_t shared[];  // rings of all warps, moments, the spike chunk
    const int lane = threadIdx.x & 31, warp = threadIdx.x >> 5, warps = blockDim.x >> 5, quad = lane >> 2;
    uint8_t* ring = shared + warp * RING * SLICE_BYTES;
    float2* part = reinterpret_cast<float2*>(shared + warps * RING * SLICE_BYTES);  // [warps][ROWS]
    RowMoments* moments = reinterpret_cast<RowMoments*>(part + warps * ROWS);       // [ROWS]

    const int tiles = (args.outputs + 63) / 64, first_group = GROUPS * warp, groups = min(GROUPS, 2 * tiles - first_group);
    const int first_token = blockIdx.x * 16;
    const int words = (args.inputs + 63) / 64;
    const SpikeChunk chunk{reinterpret_cast<uint64_t*>(moments + ROWS), words, SpikeChunk::stride_of(words, STEPS, Kind::STRIDE_UNIT)};
    const PackedWeights<Kind> weights(args.packed, tiles, args.inputs);
    const int shift = Kind::lane_shift(lane);
    const uint32_t first_row = shared_address(chunk.words_at + quad * chunk.stride + Kind::lane_word(lane));
    const uint32_t lane_vectors = shared_address(ring) + lane * int(sizeof(Vector));
    const Membrane membrane(args.neuron);
    const int warp_outputs = max(0, min(32 * GROUPS, args.outputs - 32 * first_group));
    const float per_output = warp_outputs ? 1.f / warp_outputs : 0.f;

    float u[2][GROUPS][8];  // [row g or g + 8]
#pragma unroll
    for (int i = 0; i < GROUPS * 16; i++) u[i & 1][i / 16][i / 2 % 8] = args.neuron.initial_potential;

    for (int first_step = 0; first_step < args.timesteps; first_step += STEPS) {
        if (first_step > 0) __syncthreads();  // the previous chunk has been read
        chunk.load(args.spikes, first_token, 16, args.rows, first_step, STEPS, args.timesteps);
        SliceStream<Kind, GROUPS> stream{weights.vectors + lane * 16, weights.stages * Packing<Kind>::STAGE_BYTES, first_group, groups,
                                         shared_address(ring) + lane * 16};
#pragma unroll
        for (int i = 0; i < RING - 1; i++) stream.start_next();
        copy_async_wait<RING - 2>();
        __syncthreads();  // the spikes, in the first group of every thread's copies, have arrived

        typename Kind::Sum d[STEPS][GROUPS * 4][4];
        int32_t count[STEPS][4];
#pragma unroll
        for (int i = 0; i < STEPS * GROUPS * 16; i++) d[i / (GROUPS * 16)][i / 4 % (GROUPS * 4)][i % 4] = 0;
#pragma unroll
        for (int i = 0; i < STEPS * 4; i++) count[i / 4][i % 4] = 0;

        uint32_t row[STEPS];
#pragma unroll
        for (int t = 0; t < STEPS; t++) row[t] = first_row + 8 * t * words;
        int slot = 0;
        const auto add_next_slice = [&](auto group, const typename Kind::Operand(&operand)[STEPS]) {
            constexpr int GROUP = decltype(group)::value;
            if (GROUP >= groups) return;
            copy_async_wait<RING - 2>();
            __syncwarp();
            stream.start_next();
            add_slice<Kind, STEPS, 4 * GROUP, 0>(d, operand, lane_vectors + slot * SLICE_BYTES);
            slot = (slot + 1) % RING;
        };
        for (int stage = 0; stage < weights.stages; stage++) {
            StageSpikes<Kind> stage_spikes[STEPS];
#pragma unroll
            for (int t = 0; t < STEPS; t++) {
                stage_spikes[t].load(row[t], row[t] + 64 * chunk.stride, shift);
                row[t] += 8 * Kind::STAGE_WORDS;
            }
#pragma unroll
            for (int slice = 0; slice < Packing<Kind>::STAGE_SLICES; slice++) {
                typename Kind::Operand operand[STEPS];
#pragma unroll
                for (int t = 0; t < STEPS; t++) {
                    operand[t] = stage_spikes[t].operand(slice);
                    if constexpr (Kind::COUNTS) {
                        const uint32_t ones = ones_if(stage * Kind::STAGE_WORDS + Kind::lane_word(lane) < words);
                        mma_b1(count[t], operand[t].a, ones, ones);
                    }
                }
                add_next_slice(std::integral_constant<int, 0>(), operand);
                add_next_slice(std::integral_constant<int, 1>(), operand);
                add_next_slice(std::integral_constant<int, 2>(), operand);
                if constexpr (GROUPS == 4) add_next_slice(std::integral_constant<int, 3>(), operand);
            }
        }

        // Currents before the LayerNorm; outputs beyond the row's end hold zeros and count nowhere.
        float y[STEPS][2][GROUPS][8];
        uint32_t exists[GROUPS];
#pragma unroll
        for (int group = 0; group < GROUPS; group++) {
            exists[group] = first_bits(warp_outputs - 32 * group) >> (4 * (lane & 3));
            float scale[8] = {}, bias[8] = {};
            if (group < groups) {
                load_lane_outputs(scale, weights.scale() + 32 * (first_group + group));
                load_lane_outputs(bias, weights.bias() + 32 * (first_group + group));
            }
#pragma unroll
            for (int t = 0; t < STEPS; t++)
#pragma unroll
                for (int upper = 0; upper < 2; upper++) {
                    const int token = min(first_token + quad + 8 * upper, args.rows - 1), step = min(first_step + t, args.timesteps - 1);
                    uint32_t residual = 0;
                    if (group < groups) residual = args.residual[(int64_t(token) * args.timesteps + step) * 2 * tiles + first_group + group];
                    residual >>= 4 * (lane & 3);
#pragma unroll
                    for (int c = 0; c < 8; c++) {
                        const auto sum = d[t][4 * group + (c >> 1)][2 * upper + (c & 1)];
                        float value;
                        if constexpr (Kind::COUNTS) value = float(Kind::value(sum, count[t][2 * upper]));
                        else value = float(sum);
                        value = __fmaf_rn(value, scale[c], bias[c]);
                        y[t][upper][group][c] = residual & spike_bit(c) ? value + 1.f : value;
                    }
                }
        }
#pragma unroll
        for (int t = 0; t < STEPS; t++)
#pragma unroll
            for (int upper = 0; upper < 2; upper++) {
                float sum = 0, squares = 0;
#pragma unroll
                for (int i = 0; i < GROUPS * 8; i++) sum += y[t][upper][i / 8][i % 8];
                const float mean = quad_sum(sum) * per_output;
#pragma unroll
                for (int i = 0; i < GROUPS * 8; i++) {
                    const float centred = exists[i / 8] & spike_bit(i % 8) ? y[t][upper][i / 8][i % 8] - mean : 0.f;
                    squares = __fmaf_rn(centred, centred, squares);
                }
                squares = quad_sum(squares);
                if ((lane & 3) == 0) part[warp * ROWS + 16 * t + quad + 8 * upper] = make_float2(mean, squares);
            }
        __syncthreads();
        if (threadIdx.x < ROWS)
            moments[threadIdx.x] = combine_moments(part + threadIdx.x, ROWS, warps, 32 * GROUPS, args.outputs, args.eps);
        __syncthreads();

#pragma unroll
        for (int group = 0; group < GROUPS; group++) {
            if (group >= groups) break;
            float weight[8], bias[8];
            load_lane_outputs(weight, weights.norm_weight() + 32 * (first_group + group));
            load_lane_outputs(bias, weights.norm_bias() + 32 * (first_group + group));
            uint32_t word[4] = {};  // 2 * step + (row g or g + 8)
#pragma unroll
            for (int i = 0; i < STEPS * 2; i++) {
                const int t = i >> 1, upper = i & 1;
                const RowMoments row = moments[16 * t + quad + 8 * upper];
                uint32_t bits = 0;
#pragma unroll
                for (int c = 0; c < 8; c++) {
                    const float normal = (y[t][upper][group][c] - row.mean) * row.inverse;
                    bits = add_spike(bits, membrane.step(u[upper][group][c], __fmaf_rn(normal, weight[c], bias[c])), spike_bit(c));
                }
                word[i] = (bits & exists[group]) << (4 * (lane & 3));
            }
            const uint32_t bits = gather_quad_word(word);
            const int t = lane >> 1 & 1, token = first_token + quad + 8 * (lane & 1), step = first_step + t;
            if (t < STEPS && token < args.rows && step < args.timesteps)
                args.output[(int64_t(token) * args.timesteps + step) * 2 * tiles + first_group + group] = bits;
        }
    }
}
