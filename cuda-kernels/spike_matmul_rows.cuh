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

// The slices of a warp's groups of 32 outputs, k slice by k slice, on their way through its ring of GROUPS + 1 slots: while a slice is
// multiplied, the next one of each group is under way. Groups that do not exist repeat the last one; their sums are never used.
template <class Kind, int GROUPS>
struct SliceStream {
    static constexpr int SLICE_BYTES = Packing<Kind>::SLICE_BYTES, RING_BYTES = (GROUPS + 1) * SLICE_BYTES;
    const uint8_t* from[GROUPS];  // this lane's part of the next slice of each group
    uint32_t ring;                // this lane's place in slot 0
    int read = 0, write = 0;      // offsets of slots

    __device__ SliceStream(const PackedWeights<Kind>& weights, int first_group, uint32_t ring) : ring(ring) {
#pragma unroll
        for (int group = 0; group < GROUPS; group++) {
            const int of_all = min(first_group + group, 2 * weights.tiles - 1);
            from[group] = weights.tile(of_all >> 1) + (of_all & 1) * SLICE_BYTES + (threadIdx.x & 31) * 16;
        }
    }

    // Lanes copy 16 bytes each; of 8-byte vectors these are not the lane's own, so a slice is read after a __syncwarp.
    __device__ void start(int group, bool exists) {
        if (exists) {
            const uint32_t to = ring + write;
            copy_async_16<0>(to, from[group]);
            copy_async_16<512>(to, from[group]);
            if constexpr (SLICE_BYTES == 2048) {
                copy_async_16<1024>(to, from[group]);
                copy_async_16<1536>(to, from[group]);
            }
            from[group] += 2 * SLICE_BYTES;
        }
        copy_async_commit();
    }
    __device__ void start_first() {
#pragma unroll
        for (int group = 0; group < GROUPS; group++) {
            start(group, true);
            write += SLICE_BYTES;
        }
    }
    // The slot to read now; the one before it is free again.
    __device__ int next_slot() {
        const int slot = read;
        read = read == RING_BYTES - SLICE_BYTES ? 0 : read + SLICE_BYTES;
        return slot;
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

// Where a thread stands and what its warp owns. Dynamic shared memory: the rings of all warps, moments, the spike chunk.
template <class Kind, int STEPS, int GROUPS>
struct RowsPlace {
    static constexpr int ROWS = 16 * STEPS, RING_BYTES = SliceStream<Kind, GROUPS>::RING_BYTES;
    int lane, quad, warp, warps, tiles, first_group;
    uint8_t* shared;
    PackedWeights<Kind> weights;

    __device__ RowsPlace(const SpikeMatmulRowsArgs& args, int thread, int outputs, uint8_t* shared)
        : lane(thread & 31), quad(lane >> 2), warp(thread >> 5), warps(blockDim.x >> 5), tiles((outputs + 63) / 64), first_group(GROUPS * warp),
          shared(shared), weights(args.packed, tiles, args.inputs) {}

    __device__ uint32_t ring() const { return shared_address(shared) + warp * RING_BYTES; }
    __device__ float2* part() const { return reinterpret_cast<float2*>(shared + warps * RING_BYTES); }  // [warps][ROWS]
    __device__ RowMoments* moments() const { return reinterpret_cast<RowMoments*>(part() + warps * ROWS); }  // [ROWS]
    __device__ uint64_t* spikes() const { return reinterpret_cast<uint64_t*>(moments() + ROWS); }
};

template <class Kind, int STEPS, int GROUPS>
__device__ void spike_matmul_rows(const SpikeMatmulRowsArgs& args) {
    using Place = RowsPlace<Kind, STEPS, GROUPS>;
    constexpr int ROWS = Place::ROWS;
    extern __shared__ __align__(16) uint8_t shared[];
    const Place place(args, threadIdx.x, args.outputs, shared);
    const int first_token = blockIdx.x * 16, words = (args.inputs + 63) / 64;
    const SpikeChunk chunk{place.spikes(), words, SpikeChunk::stride_of(words, STEPS, Kind::STRIDE_UNIT)};
    const int shift = Kind::lane_shift(place.lane);
    const uint32_t first_row = shared_address(chunk.words_at + place.quad * chunk.stride + Kind::lane_word(place.lane));
    const uint32_t lane_vectors = place.ring() + place.lane * int(sizeof(typename Kind::Vector));

    float u[2][GROUPS][8];  // [row g or g + 8]
#pragma unroll
    for (int i = 0; i < GROUPS * 16; i++) u[i & 1][i / 16][i / 2 % 8] = args.neuron.initial_potential;

    for (int first_step = 0; first_step < args.timesteps; first_step += STEPS) {
        if (first_step > 0) __syncthreads();  // the previous chunk has been read
        chunk.load(args.spikes, first_token, 16, args.rows, first_step, STEPS, args.timesteps);
        SliceStream<Kind, GROUPS> stream(place.weights, place.first_group, place.ring() + place.lane * 16);
        stream.start_first();
        copy_async_wait<GROUPS - 1>();
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
        const auto add_next_slice = [&](auto group, const typename Kind::Operand(&operand)[STEPS], bool more) {
            constexpr int GROUP = decltype(group)::value;
            copy_async_wait<GROUPS - 1>();
            __syncwarp();
            stream.start(GROUP, more);
            stream.write = stream.next_slot();
            add_slice<Kind, STEPS, 4 * GROUP, 0>(d, operand, lane_vectors + stream.write);
        };
        for (int words_left = words; words_left > 0; words_left -= Kind::STAGE_WORDS) {
            StageSpikes<Kind> stage_spikes[STEPS];
#pragma unroll
            for (int t = 0; t < STEPS; t++) {
                stage_spikes[t].load(row[t], row[t] + 64 * chunk.stride, shift);
                row[t] += 8 * Kind::STAGE_WORDS;
            }
#pragma unroll
            for (int slice = 0; slice < Packing<Kind>::STAGE_SLICES; slice++) {
                const bool more = slice + 1 < Packing<Kind>::STAGE_SLICES || words_left > Kind::STAGE_WORDS;
                typename Kind::Operand operand[STEPS];
#pragma unroll
                for (int t = 0; t < STEPS; t++) {
                    operand[t] = stage_spikes[t].operand(slice);
                    if constexpr (Kind::COUNTS) {
                        const uint32_t ones = ones_if(Kind::lane_word(place.lane) < words_left);
                        mma_b1(count[t], operand[t].a, ones, ones);
                    }
                }
                add_next_slice(std::integral_constant<int, 0>(), operand, more);
                add_next_slice(std::integral_constant<int, 1>(), operand, more);
                add_next_slice(std::integral_constant<int, 2>(), operand, more);
                if constexpr (GROUPS == 4) add_next_slice(std::integral_constant<int, 3>(), operand, more);
            }
        }

        // What the epilogue needs is made anew from values the compiler cannot see through, not carried in registers through the product.
        int thread, outputs = args.outputs;
        Neuron neuron = args.neuron;
        asm volatile("mov.u32 %0, %%tid.x;" : "=r"(thread));
        asm volatile("" : "+r"(outputs), "+r"(neuron.hard_reset));
        const Place own(args, thread, outputs, shared);
        const Membrane membrane(neuron);
        const int q = own.lane & 3, warp_outputs = max(0, min(32 * GROUPS, outputs - 32 * own.first_group));
        const float per_output = warp_outputs ? 1.f / warp_outputs : 0.f;

        // Currents before the LayerNorm; outputs beyond the row's end count nowhere.
        float y[STEPS][2][GROUPS][8];
        uint32_t exists[GROUPS];
#pragma unroll
        for (int group = 0; group < GROUPS; group++) {
            exists[group] = first_bits(warp_outputs - 32 * group) >> (4 * q);
            const int of_all = min(own.first_group + group, 2 * own.tiles - 1);
            if (GROUPS == 4 && group > 0) __syncwarp();  // keeps loads for later groups, and so their registers, behind the earlier groups
            float scale[8], bias[8];
            load_lane_outputs(scale, own.weights.scale() + 32 * of_all);
            load_lane_outputs(bias, own.weights.bias() + 32 * of_all);
#pragma unroll
            for (int t = 0; t < STEPS; t++)
#pragma unroll
                for (int upper = 0; upper < 2; upper++) {
                    const int token = min(first_token + own.quad + 8 * upper, args.rows - 1), step = min(first_step + t, args.timesteps - 1);
                    const uint32_t residual = args.residual[(int64_t(token) * args.timesteps + step) * 2 * own.tiles + of_all];
                    const uint32_t four[2] = {rotate_left(residual, 27 - 4 * q), rotate_left(residual, 11 - 4 * q & 31)};
#pragma unroll
                    for (int c = 0; c < 8; c++) {
                        const auto sum = d[t][4 * group + (c >> 1)][2 * upper + (c & 1)];
                        float value;
                        if constexpr (Kind::COUNTS) value = float(Kind::value(sum, count[t][2 * upper]));
                        else value = float(sum);
                        y[t][upper][group][c] = add_residual(__fmaf_rn(value, scale[c], bias[c]), four[c >> 2], c & 3);
                    }
                }
        }
        if (warp_outputs < 32 * GROUPS) {
#pragma unroll
            for (int i = 0; i < STEPS * 2 * GROUPS * 8; i++) {
                float& v = y[i / (GROUPS * 16)][i / (GROUPS * 8) % 2][i / 8 % GROUPS][i % 8];
                if (!(exists[i / 8 % GROUPS] & spike_bit(i % 8))) v = 0;
            }
        }
        float warp_mean[STEPS][2];
#pragma unroll
        for (int i = 0; i < STEPS * 2; i++) {
            float(&row)[GROUPS][8] = y[i / 2][i % 2];
            float sum = 0, squares = 0;
#pragma unroll
            for (int e = 0; e < GROUPS * 8; e++) sum += row[e / 8][e % 8];
            const float mean = quad_sum(sum) * per_output;
            warp_mean[i / 2][i % 2] = mean;
#pragma unroll
            for (int e = 0; e < GROUPS * 8; e++) row[e / 8][e % 8] -= mean;
            if (warp_outputs < 32 * GROUPS) {
#pragma unroll
                for (int e = 0; e < GROUPS * 8; e++)
                    if (!(exists[e / 8] & spike_bit(e % 8))) row[e / 8][e % 8] = 0;
            }
#pragma unroll
            for (int e = 0; e < GROUPS * 8; e++) squares = __fmaf_rn(row[e / 8][e % 8], row[e / 8][e % 8], squares);
            squares = quad_sum(squares);
            if (q == 0) own.part()[own.warp * ROWS + 16 * (i / 2) + own.quad + 8 * (i % 2)] = make_float2(mean, squares);
        }
        __syncthreads();
        if (thread < ROWS)
            own.moments()[thread] = combine_moments(own.part() + thread, ROWS, own.warps, 32 * GROUPS, outputs, args.eps);
        __syncthreads();

#pragma unroll
        for (int group = 0; group < GROUPS; group++) {
            if (own.first_group + group >= 2 * own.tiles) break;
            if (GROUPS == 4 && group > 0) __syncwarp();
            float weight[8], bias[8];
            load_lane_outputs(weight, own.weights.norm_weight() + 32 * (own.first_group + group));
            load_lane_outputs(bias, own.weights.norm_bias() + 32 * (own.first_group + group));
            uint32_t word[4] = {};  // 2 * step + (row g or g + 8)
#pragma unroll
            for (int i = 0; i < STEPS * 2; i++) {
                const int t = i >> 1, upper = i & 1;
                const RowMoments row = own.moments()[16 * t + own.quad + 8 * upper];
                const float apart = (warp_mean[t][upper] - row.mean) * row.inverse;  // y is centred on the warp's mean
                uint32_t bits = 0;
#pragma unroll
                for (int c = 0; c < 8; c++) {
                    const float normal = __fmaf_rn(y[t][upper][group][c], row.inverse, apart);
                    bits = add_spike(bits, membrane.step(u[upper][group][c], __fmaf_rn(normal, weight[c], bias[c])), spike_bit(c));
                }
                word[i] = (bits & exists[group]) << (4 * q);
            }
            const uint32_t bits = gather_quad_word(word);
            const int t = own.lane >> 1 & 1, token = first_token + own.quad + 8 * (own.lane & 1), step = first_step + t;
            if (t < STEPS && token < args.rows && step < args.timesteps)
                args.output[(int64_t(token) * args.timesteps + step) * 2 * own.tiles + own.first_group + group] = bits;
        }
    }
}
