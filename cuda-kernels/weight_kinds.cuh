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
//   ternary, binary  Spike words are the operand as they are.
//
// float32: a row of weights is divided by the power of two below its largest magnitude, then split: hi = fp16(w), lo = fp16(w - hi),
// both products into the same float32 accumulator. |w - hi - lo| <= 2^-24 |w| + 2^-32 max|row|: the float32 rounding error itself.
// 16-bit: hi alone: F16 and BF16 checkpoints keep every bit of weights above 2^-20 of the row's largest (error <= 2^-32 of it below).
#pragma once
#include "tensor_core.cuh"

__device__ inline uint32_t half_of(uint64_t word, int half) { return half ? uint32_t(word >> 32) : uint32_t(word); }

// fp16 pairs of k16 step `step` (0 .. 3) of a 64-input spike word, for rows g and g + 8.
__device__ inline void expand_f16(uint32_t (&a)[4], uint64_t row, uint64_t row8, int step, int rotation) {
    const uint32_t bits = __funnelshift_l(half_of(row, step >> 1), half_of(row, step >> 1), rotation);
    const uint32_t bits8 = __funnelshift_l(half_of(row8, step >> 1), half_of(row8, step >> 1), rotation);
    const uint32_t first = 0x04000400u << (2 * (step & 1)), second = first << 1;
    a[0] = bits & first;
    a[1] = bits8 & first;
    a[2] = bits & second;
    a[3] = bits8 & second;
}

struct WeightsF32 {
    using Sum = float;
    using Vector = uint4;  // hi k0..1, hi k8..9, lo k0..1, lo k8..9 of a k16 step
    static constexpr int SLICE_INPUTS = 16, STAGE_WORDS = 1, STRIDE_UNIT = 1;
    static constexpr bool COUNTS = false;
    struct Operand { uint32_t a[4]; };

    __device__ static int lane_constant(int lane) { return (10 - 4 * (lane & 3)) & 31; }
    __device__ static Operand operand(const uint64_t* row, const uint64_t* row8, int slice, int rotation) {
        Operand operand;
        expand_f16(operand.a, row[0], row8[0], slice, rotation);
        return operand;
    }
    __device__ static void multiply(float (&d)[4], const Operand& s, uint4 b) {
        mma_f16(d, s.a, b.x, b.y);
        mma_f16(d, s.a, b.z, b.w);
    }
};

struct WeightsF16 {
    using Sum = float;
    using Vector = uint4;  // k0..1, k8..9 of two k16 steps
    static constexpr int SLICE_INPUTS = 32, STAGE_WORDS = 1, STRIDE_UNIT = 1;
    static constexpr bool COUNTS = false;
    struct Operand { uint32_t a[2][4]; };

    __device__ static int lane_constant(int lane) { return WeightsF32::lane_constant(lane); }
    __device__ static Operand operand(const uint64_t* row, const uint64_t* row8, int slice, int rotation) {
        Operand operand;
        expand_f16(operand.a[0], row[0], row8[0], 2 * slice, rotation);
        expand_f16(operand.a[1], row[0], row8[0], 2 * slice + 1, rotation);
        return operand;
    }
    __device__ static void multiply(float (&d)[4], const Operand& s, uint4 b) {
        mma_f16(d, s.a[0], b.x, b.y);
        mma_f16(d, s.a[1], b.z, b.w);
    }
};

struct WeightsI8 {
    using Sum = int32_t;
    using Vector = uint4;  // k0..3, k16..19 of two k32 steps
    static constexpr int SLICE_INPUTS = 64, STAGE_WORDS = 2, STRIDE_UNIT = 1;
    static constexpr bool COUNTS = false;
    struct Operand { uint32_t a[2][4]; };

    __device__ static int lane_constant(int lane) { return 2 * (lane & 3); }
    __device__ static Operand operand(const uint64_t* row, const uint64_t* row8, int slice, int shift) {
        Operand operand;
#pragma unroll
        for (int half = 0; half < 2; half++) {
            const uint32_t bits = half_of(row[slice], half) >> shift, bits8 = half_of(row8[slice], half) >> shift;
            operand.a[half][0] = bits & 0x01010101u;
            operand.a[half][1] = bits8 & 0x01010101u;
            operand.a[half][2] = bits >> 1 & 0x01010101u;
            operand.a[half][3] = bits8 >> 1 & 0x01010101u;
        }
        return operand;
    }
    __device__ static void multiply(int32_t (&d)[4], const Operand& s, uint4 b) {
        mma_i8(d, s.a[0], b.x, b.y);
        mma_i8(d, s.a[1], b.z, b.w);
    }
};

// One-bit operands: lane group member q holds word q of the four words of a k256 step.
struct WordOperand {
    uint32_t a[4];
    __device__ static WordOperand of(uint64_t row, uint64_t row8) {
        return {half_of(row, 0), half_of(row8, 0), half_of(row, 1), half_of(row8, 1)};
    }
};

// sum = popc(s & plus) + popc(s & not_minus), count = popc(s); the value is sum - count.
struct WeightsTernary {
    using Sum = int32_t;
    using Vector = uint4;  // plus, then not_minus: k0..31, k128..159
    static constexpr int SLICE_INPUTS = 256, STAGE_WORDS = 4, STRIDE_UNIT = 4;
    static constexpr bool COUNTS = true;
    using Operand = WordOperand;

    __device__ static int lane_constant(int lane) { return lane & 3; }
    __device__ static Operand operand(const uint64_t* row, const uint64_t* row8, int, int word) { return Operand::of(row[word], row8[word]); }
    __device__ static void multiply(int32_t (&d)[4], const Operand& s, uint4 b) {
        mma_b1(d, s.a, b.x, b.y);
        mma_b1(d, s.a, b.z, b.w);
    }
    __device__ static int32_t value(int32_t sum, int32_t count) { return sum - count; }
};

// sum = popc(s & plus), count = popc(s); the value is 2 * sum - count.
struct WeightsBinary {
    using Sum = int32_t;
    using Vector = uint2;  // plus: k0..31, k128..159
    static constexpr int SLICE_INPUTS = 256, STAGE_WORDS = 4, STRIDE_UNIT = 4;
    static constexpr bool COUNTS = true;
    using Operand = WordOperand;

    __device__ static int lane_constant(int lane) { return lane & 3; }
    __device__ static Operand operand(const uint64_t* row, const uint64_t* row8, int, int word) { return Operand::of(row[word], row8[word]); }
    __device__ static void multiply(int32_t (&d)[4], const Operand& s, uint2 b) { mma_b1(d, s.a, b.x, b.y); }
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

// The spikes a lane counts with, as a B operand of ones: words beyond the row's end belong to another timestep and count nothing.
__device__ inline uint32_t ones_if(bool exists) { return exists ? 0xffffffffu : 0u; }
