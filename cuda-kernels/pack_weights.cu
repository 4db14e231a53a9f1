// pack_weights: a stored [outputs, inputs] matrix, bias and LayerNorm -> the form spike_matmul reads (packed_weights.cuh), one kind an entry.
// Several matrices can share one packed form (query, key, value): each is packed from its own first tile on.
//
// Layout: one block an output, padding outputs included: grid 64 * tiles of the matrix; a thread makes whole 32-bit B registers.
// Why fast: it need not be; it runs once a weight matrix, on the device so that no host code knows the order.
#include "pack_weights_args.cuh"
#include "packed_weights.cuh"

// The power of two that meets spike bit 10 + p of a half: 2^14, 2^13, 2^11, 2^7.
__device__ inline float inverse_of_spike_bit(int p) { return __int_as_float((127 + (16 - (1 << p)) - 1) << 23); }

// Where register `index` (0 .. 31) of a stage stands, and what it holds. Packer::put writes register(s) of one output.
struct Place {
    uint8_t* stage;  // vectors of the stage
    int group, j, slot;
    template <class Kind>
    __device__ uint32_t* at(int slice, int quad_lane, int component) const {
        return reinterpret_cast<uint32_t*>(stage + (2 * slice + group) * Packing<Kind>::SLICE_BYTES +
                                           (j * 32 + 4 * slot + quad_lane) * int(sizeof(typename Kind::Vector))) + component;
    }
};

struct PackF16Pairs {
    static constexpr int REGISTERS = 32;
    __device__ static float unit(float largest, const PackWeightsArgs&, int) { return power_of_two_unit(largest); }
    // Inputs 32 half + 4 q + p and the same + 16 of a word; p = 0 .. 3 is k16 step 2 half + p / 2, register p % 2.
    __device__ static void values(const ScaledRow& row, int first_input, int index, float (&value)[2]) {
        const int half = index >> 4, p = index >> 2 & 3, q = index & 3;
        for (int e = 0; e < 2; e++) value[e] = row.at(first_input + 32 * half + 4 * q + p + 16 * e) * inverse_of_spike_bit(p);
    }
};

struct PackF32 : PackF16Pairs {
    using Kind = WeightsF32;
    __device__ static void put(const ScaledRow& row, int first_input, int index, const Place& place) {
        float value[2];
        values(row, first_input, index, value);
        const __half hi[2] = {__float2half_rn(value[0]), __float2half_rn(value[1])};
        const int step = index >> 3, r = index >> 2 & 1, q = index & 3;
        *place.at<Kind>(step, q, r) = fp16_pair(hi[0], hi[1]);
        *place.at<Kind>(step, q, 2 + r) = fp16_pair(__float2half_rn(value[0] - __half2float(hi[0])), __float2half_rn(value[1] - __half2float(hi[1])));
    }
};

struct PackF16 : PackF16Pairs {
    using Kind = WeightsF16;
    __device__ static void put(const ScaledRow& row, int first_input, int index, const Place& place) {
        float value[2];
        values(row, first_input, index, value);
        const int step = index >> 3, r = index >> 2 & 1, q = index & 3;
        *place.at<Kind>(step >> 1, q, 2 * (step & 1) + r) = fp16_pair(__float2half_rn(value[0]), __float2half_rn(value[1]));
    }
};

// I8 checkpoints keep their bytes; dense ones are rounded to 127 steps of the row's largest magnitude (exact for ternary and binary rows).
struct PackI8 {
    using Kind = WeightsI8;
    static constexpr int REGISTERS = 32;
    __device__ static float unit(float largest, const PackWeightsArgs& args, int row) {
        return args.matrix.type == STORED_I8 ? args.matrix.scale[row] : byte_unit(largest);
    }
    __device__ static void put(const ScaledRow& row, int first_input, int index, const Place& place) {
        const int slice = index >> 4, half = index >> 3 & 1, r = index >> 2 & 1, q = index & 3;
        uint32_t bytes = 0;
        for (int b = 0; b < 4; b++) {
            const int element = byte_of(row, first_input + 64 * slice + 32 * half + 8 * b + 2 * q + r);
            bytes |= (uint32_t(element) & 0xff) << (8 * b);
        }
        *place.at<Kind>(slice, q, 2 * half + r) = bytes;
    }
};

template <class BitKind>
struct PackBits {
    using Kind = BitKind;
    static constexpr int REGISTERS = 8;
    __device__ static float unit(float largest, const PackWeightsArgs&, int) { return largest > 0 ? largest : 1.f; }
    __device__ static void put(const ScaledRow& row, int first_input, int index, const Place& place) {
        constexpr bool ternary = sizeof(typename Kind::Vector) == 16;
        const int q = index >> 1, r = index & 1;
        uint32_t plus = 0, not_minus = 0;
        for (int bit = 0; bit < 32; bit++) {
            const int input = first_input + 128 * r + 32 * q + bit;
            if (row.row < 0 || input >= row.matrix.columns) continue;
            const float value = row.at(input);
            if (ternary ? value > 0.5f : value >= 0.f) plus |= 1u << bit;
            if (value >= -0.5f) not_minus |= 1u << bit;
        }
        *place.at<Kind>(0, q, r) = plus;
        if (ternary) *place.at<Kind>(0, q, 2 + r) = not_minus;
    }
};

template <class Packer>
__device__ void pack_weights(const PackWeightsArgs& args) {
    using Kind = typename Packer::Kind;
    __shared__ float partial[32];
    const int output = blockIdx.x, row = output < args.outputs ? output : -1;
    const int padded_output = 64 * args.first_tile + output;
    const float scale = row < 0 ? 0.f : Packer::unit(largest_magnitude(args.matrix, row, partial), args, row);
    const ScaledRow scaled{args.matrix, row, row < 0 ? 0.f : 1.f / scale};
    const PackedWeights<Kind> packed(args.packed, args.tiles, args.matrix.columns);
    if (threadIdx.x == 0) put_output_values(args, const_cast<float*>(packed.scale()), row, padded_output, scale);
    uint8_t* tile = const_cast<uint8_t*>(packed.tile(padded_output / 64));
    Place place{nullptr, output >> 5 & 1, 2 * (output >> 4 & 1) + (output >> 1 & 1), 2 * (output >> 2 & 3) + (output & 1)};
    for (int i = threadIdx.x; i < packed.stages * Packer::REGISTERS; i += blockDim.x) {
        const int stage = i / Packer::REGISTERS;
        place.stage = tile + int64_t(stage) * Packing<Kind>::STAGE_BYTES;
        Packer::put(scaled, stage * Packing<Kind>::STAGE_INPUTS, i % Packer::REGISTERS, place);
    }
}

#define PACK_WEIGHTS_ENTRY(kind, Packer)                                                                                              \
    extern "C" __global__ void __launch_bounds__(128) pack_weights_##kind##_b128(const __grid_constant__ PackWeightsArgs args) {      \
        pack_weights<Packer>(args);                                                                                                   \
    }
PACK_WEIGHTS_ENTRY(f32, PackF32)
PACK_WEIGHTS_ENTRY(f16, PackF16)
PACK_WEIGHTS_ENTRY(i8, PackI8)
PACK_WEIGHTS_ENTRY(ternary, PackBits<WeightsTernary>)
PACK_WEIGHTS_ENTRY(binary, PackBits<WeightsBinary>)
