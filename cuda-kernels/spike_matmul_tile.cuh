// spike_matmul over tiles of 64 outputs, fused with bias -> real query, bias -> membrane -> bits, or bias -> GELU -> membrane -> bits.
//
// A block takes 64 / STEPS tokens for every two warps and a tile of 64 outputs; with one-bit weights, whose products are over as soon as
// the spikes are there, every gridDim.y-th tile, the spikes of up to STEPS timesteps loaded once. A warp takes 32 outputs of a tile and
// four m16 tiles: 16 tokens x 4 steps, 32 x 2 or 64 x 1. All steps of a (token, output) are sums of one thread, so the membrane advances in
// registers and only bits (or the real query) leave. The 4-step kernels take any number of timesteps, in chunks, the membranes carried; the
// others at most their own. Several projections of the same spikes are one launch: their tiles are numbered through, and a segment says
// what becomes of each.
//
// Why fast: spikes are loaded as bits and expanded in registers (weight_kinds.cuh); weights stream through a 3-stage cp.async ring in
// the order the tensor core wants, shared by all token groups of the block; a B vector serves four m16 tiles, an A operand four n8 tiles.
#pragma once
#include "gelu.cuh"
#include "packed_weights.cuh"
#include "spike_matmul_args.cuh"
#include "spike_rows.cuh"

constexpr int M_TILES = 4, STAGES = 3;

template <class Kind>
struct TileSums {
    typename Kind::Sum d[M_TILES][4][4];  // [m16 tile][n8 tile]
    int32_t count[Kind::ONE_BIT ? M_TILES : 1][4];

    __device__ void clear() {
#pragma unroll
        for (int i = 0; i < M_TILES * 16; i++) d[i / 16][i / 4 % 4][i % 4] = 0;
#pragma unroll
        for (int i = 0; i < (Kind::ONE_BIT ? M_TILES : 1) * 4; i++) count[i / 4][i % 4] = 0;
    }

    // The sum of output c for row g (upper = 0) or g + 8 (upper = 1) of m16 tile m.
    __device__ float value(int m, int upper, int c) const {
        if constexpr (Kind::ONE_BIT) return float(Kind::value(d[m][c >> 1][2 * upper + (c & 1)], count[m][2 * upper]));
        else return float(d[m][c >> 1][2 * upper + (c & 1)]);
    }
};

// Shared addresses of a lane's rows: the row of the first m16 tile that lane_row names, at the word that lane_word names (row g at its
// first word; with one-bit kinds the row and pair of words that the lane names to ldmatrix), and how far apart rows 8 tokens on and the
// rows of the next step lie.
struct LaneRows {
    uint32_t first, eight_tokens, step;

    template <int STEPS>
    __device__ uint32_t of(int m) const { return first + m / STEPS * 2 * eight_tokens + m % STEPS * step; }
};

// Adds one stage. Addresses are shared ones: of this lane's rows at the stage's first word, and of its first vector.
template <class Kind, int STEPS>
__device__ void add_stage(TileSums<Kind>& sums, const LaneRows& rows, uint32_t vectors, int shift, int words_left) {
    constexpr int SLICES = Packing<Kind>::STAGE_SLICES, APART = 2 * Packing<Kind>::SLICE_BYTES;
    StageSpikes<Kind> spikes[M_TILES];
#pragma unroll
    for (int m = 0; m < M_TILES; m++) spikes[m].load(rows.of<STEPS>(m), rows.of<STEPS>(m) + rows.eight_tokens, shift);
    typename Kind::Operand operand[M_TILES];
    const auto expand = [&](int slice) {
#pragma unroll
        for (int m = 0; m < M_TILES; m++) operand[m] = spikes[m].operand(slice);
    };
    expand(0);
    if constexpr (Kind::ONE_BIT) {
        const CountedOnes ones(words_left);
#pragma unroll
        for (int m = 0; m < M_TILES; m++) mma_b1(sums.count[m], operand[m].a, ones.b0, ones.b1);
    }
    add_slice<Kind, M_TILES, 0, 0>(sums.d, operand, vectors);
    if constexpr (SLICES > 1) {
        expand(1);
        add_slice<Kind, M_TILES, 0, APART>(sums.d, operand, vectors);
    }
    if constexpr (SLICES > 2) {
        expand(2);
        add_slice<Kind, M_TILES, 0, 2 * APART>(sums.d, operand, vectors);
        expand(3);
        add_slice<Kind, M_TILES, 0, 3 * APART>(sums.d, operand, vectors);
    }
}

// COPIES runs of 16 bytes a lane, 1 KB apart.
template <int COPIES>
__device__ void copy_runs(uint32_t to, const uint8_t* from) {
    if constexpr (COPIES > 1) copy_runs<COPIES - 1>(to, from);
    copy_async_16<1024 * (COPIES - 1)>(to, from);
}

// A stage's way to shared memory, shared out evenly to 1 or 2 pairs of warps; to and from point at this thread's part.
template <class Kind>
struct StageCopy {
    static constexpr int RUNS = Packing<Kind>::STAGE_BYTES / 1024;
    static_assert(RUNS % 2 == 0);
    const uint8_t* from;
    uint32_t to;
    bool alone;

    __device__ StageCopy(const uint8_t* tile, const uint8_t* shared) : alone(blockDim.x == 64) {
        const int offset = 1024 * (RUNS / 2) * (threadIdx.x >> 6) + 16 * (threadIdx.x & 63);
        from = tile + offset;
        to = shared_address(shared) + offset;
    }
    // Stages are started in order.
    __device__ void start(int slot) {
        const uint32_t slot_to = to + slot * Packing<Kind>::STAGE_BYTES;
        if (alone) copy_runs<RUNS>(slot_to, from);
        else copy_runs<RUNS / 2>(slot_to, from);
        from += Packing<Kind>::STAGE_BYTES;
    }
};

// Writes 8 real sums of a (token, timestep): two runs of 4 outputs.
__device__ inline void write_real(float* to, const float (&value)[8], int first_output, int outputs) {
#pragma unroll
    for (int run = 0; run < 2; run++) {
        const int output = first_output + 16 * run;
        if (outputs % 4 == 0) {
            if (output < outputs)
                *reinterpret_cast<float4*>(to + output) =
                    make_float4(value[4 * run], value[4 * run + 1], value[4 * run + 2], value[4 * run + 3]);
        } else {
#pragma unroll
            for (int c = 0; c < 4; c++)
                if (output + c < outputs) to[output + c] = value[4 * run + c];
        }
    }
}

template <class Kind, int STEPS, bool GELU>
__device__ void spike_matmul_tile(const SpikeMatmulArgs& args) {
    constexpr int TOKEN_TILES = M_TILES / STEPS, WARP_TOKENS = 16 * TOKEN_TILES;
    constexpr int STAGE_BYTES = Packing<Kind>::STAGE_BYTES;
    extern __shared__ __align__(16) uint8_t shared[];  // STAGES stages of weights, then the spike chunk

    const int lane = threadIdx.x & 31, warp = threadIdx.x >> 5, group = warp & 1;
    const int tokens = WARP_TOKENS * (blockDim.x >> 6), first_token = blockIdx.x * tokens;
    const PackedWeights<Kind> weights(args.packed, args.tiles, args.inputs);
    const int stages = weights.stages;
    const int words = (args.inputs + 63) / 64;
    const SpikeChunk chunk(shared + STAGES * STAGE_BYTES, words, STEPS);
    const int warp_token = (warp >> 1) * WARP_TOKENS + (lane >> 2);
    LaneRows rows{0, uint32_t(64 * chunk.stride), uint32_t(8 * chunk.step_words)};
    const int shift = Kind::lane_shift(lane);
    const uint32_t lane_vectors = shared_address(shared) + group * Packing<Kind>::SLICE_BYTES + lane * int(sizeof(typename Kind::Vector));

    int tile = blockIdx.y;
    do {
        const SpikeMatmulSegment& segment = segment_of_tile(args, tile);
        const int group_output = 64 * (tile - segment.first_tile) + 32 * group;  // first output of this warp, in its segment
        const Membrane membrane(segment.neuron);
        float u[TOKEN_TILES][2][8];
#pragma unroll
        for (int i = 0; i < TOKEN_TILES * 16; i++) u[i / 16][i / 8 % 2][i % 8] = segment.neuron.initial_potential;

        int first_step = 0;
        do {
            const bool first = first_step == 0 && (!Kind::ONE_BIT || tile == int(blockIdx.y));
            if (!first) __syncthreads();  // the previous weights and spikes have been read
            if (!Kind::ONE_BIT || first || args.timesteps > STEPS)
                chunk.load(args.spikes, first_token, tokens, args.rows, first_step, STEPS, args.timesteps);
            StageCopy<Kind> copy(weights.tile(tile), shared);
#pragma unroll
            for (int stage = 0; stage < STAGES - 1; stage++) {
                if (stage < stages) copy.start(stage);
                copy_async_commit();
            }
            TileSums<Kind> sums;
            sums.clear();
            const int lane_token = (warp >> 1) * WARP_TOKENS + Kind::lane_row(lane);
            rows.first = shared_address(chunk.words_at + lane_token * chunk.stride + Kind::lane_word(lane));
            int slot = 0;
            for (int stage = 0; stage < stages; stage++) {
                copy_async_wait<STAGES - 2>();
                __syncthreads();
                if (stage + STAGES - 1 < stages) copy.start(slot == 0 ? STAGES - 1 : slot - 1);
                copy_async_commit();
                add_stage<Kind, STEPS>(sums, rows, lane_vectors + slot * Packing<Kind>::STAGE_BYTES, shift,
                                       words - stage * Kind::STAGE_WORDS);
                rows.first += 8 * Kind::STAGE_WORDS;
                slot = slot == STAGES - 1 ? 0 : slot + 1;
            }

            float scale[8], bias[8];
            load_lane_outputs(scale, weights.scale() + 64 * tile + 32 * group);
            load_lane_outputs(bias, weights.bias() + 64 * tile + 32 * group);
#pragma unroll
            for (int upper = 0; upper < 2; upper++) {
                uint32_t word[M_TILES];
#pragma unroll
                for (int m = 0; m < M_TILES; m++) {
                    float value[8];
#pragma unroll
                    for (int c = 0; c < 8; c++) value[c] = __fmaf_rn(sums.value(m, upper, c), scale[c], bias[c]);
                    if (!GELU && segment.epilogue == EPILOGUE_REAL) {
                        const int token = first_token + warp_token + 16 * (m / STEPS) + 8 * upper, step = first_step + m % STEPS;
                        if (token < args.rows && step < args.timesteps)
                            write_real(static_cast<float*>(segment.output) + (int64_t(token) * args.timesteps + step) * segment.outputs,
                                       value, group_output + 4 * (lane & 3), segment.outputs);
                        continue;
                    }
                    uint32_t bits = 0;
#pragma unroll
                    for (int c = 0; c < 8; c++)
                        membrane.step(u[m / STEPS][upper][c], GELU ? gelu(value[c]) : value[c], bits, spike_bit(c));
                    word[m] = bits << (4 * (lane & 3));
                }
                if (GELU || segment.epilogue != EPILOGUE_REAL) {
                    const uint32_t bits = gather_quad_word(word) & first_bits(segment.outputs - group_output);
                    const int m = lane & 3, token = first_token + warp_token + 16 * (m / STEPS) + 8 * upper, step = first_step + m % STEPS;
                    if (token < args.rows && step < args.timesteps) {
                        const int output_words = 2 * ((segment.outputs + 63) / 64);  // of 32 bits
                        static_cast<uint32_t*>(segment.output)[(int64_t(token) * args.timesteps + step) * output_words +
                                                               group_output / 32] = bits;
                    }
                }
            }
            first_step += STEPS;
        } while (STEPS == M_TILES && first_step < args.timesteps);
        tile += gridDim.y;
    } while (Kind::ONE_BIT && tile < args.tiles);
}
