// The weight kinds of spike_matmul: how spikes become the A operand of a tensor-core instruction, and how packed weights become B.
//
// A kind cuts the inputs (k) into slices and a slice's weights of 32 outputs into 4 vectors a lane, one for each n8 tile j. A vector
// is what one lane feeds the tensor core with, so B needs no ldmatrix and no swizzle: a lane loads its own vector, 32 lanes side by
// side, conflict-free. Which input stands at which k position is free, so it is chosen such that spike bits hardly move:
//
//   float32, 16-bit  In a 32-bit half of a spike word, lane group member q = lane % 4 owns bits 4q .. 4q + 3 and the same + 16. One
//                    rotation brings them to bits 10 .. 13 and 26 .. 29 of a register; one AND leaves bit 10 + p of both fp16
//                    halves: the exponent bits of 2^-14, 2^-13, 2^-11, 2^-7 for p = 0 .. 3. The packed weights of these inputs are
//                    multiplied by the inverse (exact), so the product is exactly spike x weight: 5 instructions for 4 registers.
//   8-bit            Lane group member q owns bits 2q, 2q + 1 of each byte: shift, AND 0x01010101.
//   ternary, binary  Spike words are the operand as they are: one ldmatrix, without a move from register to register.
//
// float32: a row of weights is divided by the power of two below its largest magnitude, then split: hi = fp16(w), lo = fp16(w - hi),
// both products into the same float32 accumulator. |w - hi - lo| <= 2^-24 |w| + 2^-32 max|row|: the float32 rounding error itself.
// 16-bit: hi alone: F16 and BF16 checkpoints keep every bit of weights above 2^-20 of the row's largest (error <= 2^-32 of it below).
#pragma once
#include "tensor_core.cuh"

// fp16 pairs of k16 step `step` (0, 1) of a 32-input half of a spike word, already rotated, for rows g and g + 8.
__device__ inline void expand_f16(uint32_t (&a)[4], uint32_t bits, uint32_t bits8, int step) {
    const uint32_t first = 0x04000400u << (2 * step), second = first << 1;
    a[0] = bits & first;
    a[1] = bits8 & first;
    a[2] = bits & second;
    a[3] = bits8 & second;
}

__device__ inline uint32_t rotate_left(uint32_t bits, int by) { return bits << by | bits >> (-by & 31); }

// A kind offers:
//   Sum              of products: float32, or exact integers
//   Operand          what a lane feeds the tensor core with of a slice's spikes of an m16 tile: A
//   Vector           what it feeds it with of a slice's weights of an n8 tile: B
//   SLICE_INPUTS     inputs of a slice
//   STAGE_WORDS      spike words of a stage
//   BLOCKS_TOGETHER  blocks of the tile kernels that share a multiprocessor: as many as registers allow without spilling
//   ONE_BIT          whether spike words are the operand as they are: the spikes are then counted too, by a product with ones
//   lane_row         the row of an m16 tile that a lane's address is of: what it loads, or names to ldmatrix
//   lane_word        the word of a stage that it is of
//   lane_shift       by how much prepare moves a word, so that the lane's bits lie as it needs them (one bit: 0)
//   load             a vector from shared memory
//   multiply         adds the product of an operand and a vector
// All but those of one bit:
//   STAGE_LOADS      words of a stage a lane loads from each of its rows
//   prepare          what is done once to a loaded word
//   operand          the operand of a slice of the stage, from the prepared words of rows g and g + 8
// Those of one bit alone:
//   value            the sum of weights, from the sum of products and the count of spikes
struct WeightsF32 {
    using Sum = float;
    using Vector = uint4;  // hi k0..1, hi k8..9, lo k0..1, lo k8..9 of a k16 step
    static constexpr int SLICE_INPUTS = 16, STAGE_WORDS = 1, STAGE_LOADS = 1, BLOCKS_TOGETHER = 2;
    static constexpr bool ONE_BIT = false;
    struct Operand { uint32_t a[4]; };

    __device__ static int lane_row(int lane) { return lane >> 2; }
    __device__ static int lane_word(int) { return 0; }
    __device__ static int lane_shift(int lane) { return (10 - 4 * (lane & 3)) & 31; }
    __device__ static uint2 prepare(uint2 word, int shift) { return make_uint2(rotate_left(word.x, shift), rotate_left(word.y, shift)); }
    __device__ static Operand operand(const uint2 (&row)[1], const uint2 (&row8)[1], int slice) {
        Operand operand;
        expand_f16(operand.a, slice < 2 ? row[0].x : row[0].y, slice < 2 ? row8[0].x : row8[0].y, slice & 1);
        return operand;
    }
    template <int offset>
    __device__ static Vector load(uint32_t address) { return load_shared_16<offset>(address); }
    __device__ static void multiply(float (&d)[4], const Operand& s, Vector b) {
        mma_f16(d, s.a, b.x, b.y);
        mma_f16(d, s.a, b.z, b.w);
    }
};

struct WeightsF16 {
    using Sum = float;
    using Vector = uint4;  // k0..1, k8..9 of two k16 steps
    static constexpr int SLICE_INPUTS = 32, STAGE_WORDS = 1, STAGE_LOADS = 1, BLOCKS_TOGETHER = 3;
    static constexpr bool ONE_BIT = false;
    struct Operand { uint32_t a[2][4]; };

    __device__ static int lane_row(int lane) { return lane >> 2; }
    __device__ static int lane_word(int) { return 0; }
    __device__ static int lane_shift(int lane) { return WeightsF32::lane_shift(lane); }
    __device__ static uint2 prepare(uint2 word, int shift) { return WeightsF32::prepare(word, shift); }
    __device__ static Operand operand(const uint2 (&row)[1], const uint2 (&row8)[1], int slice) {
        Operand operand;
#pragma unroll
        for (int step = 0; step < 2; step++) expand_f16(operand.a[step], slice ? row[0].y : row[0].x, slice ? row8[0].y : row8[0].x, step);
        return operand;
    }
    template <int offset>
    __device__ static Vector load(uint32_t address) { return load_shared_16<offset>(address); }
    __device__ static void multiply(float (&d)[4], const Operand& s, Vector b) {
        mma_f16(d, s.a[0], b.x, b.y);
        mma_f16(d, s.a[1], b.z, b.w);
    }
};

struct WeightsI8 {
    using Sum = int32_t;
    using Vector = uint4;  // k0..3, k16..19 of two k32 steps
    static constexpr int SLICE_INPUTS = 64, STAGE_WORDS = 2, STAGE_LOADS = 2, BLOCKS_TOGETHER = 3;
    static constexpr bool ONE_BIT = false;
    struct Operand { uint32_t a[2][4]; };

    __device__ static int lane_row(int lane) { return lane >> 2; }
    __device__ static int lane_word(int) { return 0; }
    __device__ static int lane_shift(int lane) { return 2 * (lane & 3); }
    __device__ static uint2 prepare(uint2 word, int shift) { return make_uint2(word.x >> shift, word.y >> shift); }
    __device__ static Operand operand(const uint2 (&row)[2], const uint2 (&row8)[2], int slice) {
        Operand operand;
#pragma unroll
        for (int half = 0; half < 2; half++) {
            const uint32_t bits = half ? row[slice].y : row[slice].x, bits8 = half ? row8[slice].y : row8[slice].x;
            operand.a[half][0] = bits & 0x01010101u;
            operand.a[half][1] = bits8 & 0x01010101u;
            operand.a[half][2] = bits >> 1 & 0x01010101u;
            operand.a[half][3] = bits8 >> 1 & 0x01010101u;
        }
        return operand;
    }
    template <int offset>
    __device__ static Vector load(uint32_t address) { return load_shared_16<offset>(address); }
    __device__ static void multiply(int32_t (&d)[4], const Operand& s, Vector b) {
        mma_i8(d, s.a[0], b.x, b.y);
        mma_i8(d, s.a[1], b.z, b.w);
    }
};

// One-bit operands: lane group member q holds bits 32 q .. 32 q + 31 of the first and of the second 128 inputs of a k256 step.
struct OneBitSpikes {
    using Sum = int32_t;
    static constexpr int SLICE_INPUTS = 256, STAGE_WORDS = 4, BLOCKS_TOGETHER = 3;
    static constexpr bool ONE_BIT = true;
    struct Operand { uint32_t a[4]; };

    __device__ static int lane_row(int lane) { return lane & 15; }
    __device__ static int lane_word(int lane) { return lane >> 4 << 1; }
    __device__ static int lane_shift(int) { return 0; }
};

// sum = popc(s & plus) + popc(s & not_minus), count = popc(s); the value is sum - count.
struct WeightsTernary : OneBitSpikes {
    using Vector = uint4;  // plus, then not_minus: k0..31, k128..159
    template <int offset>
    __device__ static Vector load(uint32_t address) { return load_shared_16<offset>(address); }
    __device__ static void multiply(int32_t (&d)[4], const Operand& s, Vector b) {
        mma_b1(d, s.a, b.x, b.y);
        mma_b1(d, s.a, b.z, b.w);
    }
    __device__ static int32_t value(int32_t sum, int32_t count) { return sum - count; }
};

// sum = popc(s & plus), count = popc(s); the value is 2 * sum - count.
struct WeightsBinary : OneBitSpikes {
    using Vector = uint2;  // plus: k0..31, k128..159
    template <int offset>
    __device__ static Vector load(uint32_t address) { return load_shared_8<offset>(address); }
    __device__ static void multiply(int32_t (&d)[4], const Operand& s, Vector b) { mma_b1(d, s.a, b.x, b.y); }
    __device__ static int32_t value(int32_t sum, int32_t count) { return 2 * sum - count; }
};

// Bytes of one slice of 32 outputs, slices of a stage, and bytes of a stage of 64 outputs.
template <class Kind>
struct Packing {
    static constexpr int SLICE_BYTES = 4 * 32 * int(sizeof(typename Kind::Vector));
    static constexpr int STAGE_INPUTS = 64 * Kind::STAGE_WORDS;
    static constexpr int STAGE_SLICES = STAGE_INPUTS / Kind::SLICE_INPUTS;
    static constexpr int STAGE_BYTES = 2 * STAGE_SLICES * SLICE_BYTES;
};

// The prepared words of a stage of a lane's rows g and g + 8. Addresses: of the stage's first word, this lane's.
template <class Kind, bool ONE_BIT = Kind::ONE_BIT>
struct StageSpikes {
    uint2 row[Kind::STAGE_LOADS], row8[Kind::STAGE_LOADS];

    __device__ void load(uint32_t row_address, uint32_t row8_address, int shift) {
        row[0] = Kind::prepare(load_shared_8<0>(row_address), shift);
        row8[0] = Kind::prepare(load_shared_8<0>(row8_address), shift);
        if constexpr (Kind::STAGE_LOADS == 2) {
            row[1] = Kind::prepare(load_shared_8<8>(row_address), shift);
            row8[1] = Kind::prepare(load_shared_8<8>(row8_address), shift);
        }
    }
    __device__ typename Kind::Operand operand(int slice) const { return Kind::operand(row, row8, slice); }
};

// The same of one bit an input: the one slice of the stage. Address: of the row and word that are this lane's to name.
template <class Kind>
struct StageSpikes<Kind, true> {
    typename Kind::Operand whole;

    __device__ void load(uint32_t address, uint32_t, int) { load_matrices(whole.a, address); }
    __device__ const typename Kind::Operand& operand(int) const { return whole; }
};

// Adds a slice of 32 outputs: d[row set][n8 tile] += operand[row set] * vectors. Address: this lane's first vector.
template <class Kind, int ROW_SETS, int FIRST_N_TILE, int OFFSET, int N_TILES>
__device__ void add_slice(typename Kind::Sum (&d)[ROW_SETS][N_TILES][4], const typename Kind::Operand (&operand)[ROW_SETS],
                          uint32_t address) {
    constexpr int APART = 32 * int(sizeof(typename Kind::Vector));
    const typename Kind::Vector b[4] = {Kind::template load<OFFSET>(address), Kind::template load<OFFSET + APART>(address),
                                        Kind::template load<OFFSET + 2 * APART>(address), Kind::template load<OFFSET + 3 * APART>(address)};
#pragma unroll
    for (int j = 0; j < 4; j++)
#pragma unroll
        for (int m = 0; m < ROW_SETS; m++) Kind::multiply(d[m][FIRST_N_TILE + j], operand[m], b[j]);
}

// A B operand of ones for the spikes of a lane that count; words beyond the row's end belong to others and count nothing.
struct CountedOnes {
    uint32_t b0, b1;
    __device__ explicit CountedOnes(int words_left)
        : b0(int(threadIdx.x >> 1 & 1) < words_left ? 0xffffffffu : 0), b1(int(threadIdx.x >> 1 & 1) + 2 < words_left ? 0xffffffffu : 0) {}
};
