// pack_weights_gather: a stored [outputs, inputs] matrix, bias and LayerNorm -> the form spike_gather_matmul reads (gathered_weights.cuh).
//
// Layout: one block an output, padding outputs included: grid 64 * tiles of the matrix.
// Why fast: it need not be; it runs once a weight matrix.
#include "gathered_weights.cuh"
#include "pack_weights_args.cuh"

struct GatherF32 {
    using Element = float;
    __device__ static float unit(float, const PackWeightsArgs&, int) { return 1.f; }
    __device__ static float kept_scale(float) { return 1.f; }
    __device__ static float element(const ScaledRow& row, int input) { return row.at(input); }
};

struct GatherF16 {
    using Element = __half;
    __device__ static float unit(float largest, const PackWeightsArgs&, int) { return power_of_two_unit(largest); }
    __device__ static float kept_scale(float unit) { return unit * (1.f / 16384.f); }
    __device__ static __half element(const ScaledRow& row, int input) { return __float2half_rn(row.at(input) * 16384.f); }
};

struct GatherI8 {
    using Element = int8_t;
    __device__ static float unit(float largest, const PackWeightsArgs& args, int row) {
        return args.matrix.type == STORED_I8 ? args.matrix.scale[row] : byte_unit(largest);
    }
    __device__ static float kept_scale(float unit) { return unit; }
    __device__ static int8_t element(const ScaledRow& row, int input) { return int8_t(byte_of(row, input)); }
};

template <class Packer>
__device__ void pack_weights_gather(const PackWeightsArgs& args) {
    __shared__ float partial[32];
    const int output = blockIdx.x, row = output < args.outputs ? output : -1, padded_output = 64 * args.first_tile + output;
    const float unit = row < 0 ? 0.f : Packer::unit(largest_magnitude(args.matrix, row, partial), args, row);
    const ScaledRow scaled{args.matrix, row, row < 0 ? 0.f : 1.f / unit};
    const GatheredWeights<typename Packer::Element> packed(args.packed, args.tiles, args.matrix.columns);
    if (threadIdx.x == 0) put_output_values(args, const_cast<float*>(packed.scale()), row, padded_output, Packer::kept_scale(unit));
    auto* elements = const_cast<typename Packer::Element*>(packed.elements);
    for (int k = threadIdx.x; k < args.matrix.columns; k += blockDim.x)
        elements[int64_t(k) * packed.padded_outputs + padded_output] = Packer::element(scaled, k);
}

#define PACK_WEIGHTS_GATHER_ENTRY(kind, Packer)                                                                                          \
    extern "C" __global__ void __launch_bounds__(128) pack_weights_gather_##kind##_b128(const __grid_constant__ PackWeightsArgs args) {  \
        pack_weights_gather<Packer>(args);                                                                                               \
    }
PACK_WEIGHTS_GATHER_ENTRY(f32, GatherF32)
PACK_WEIGHTS_GATHER_ENTRY(f16, GatherF16)
PACK_WEIGHTS_GATHER_ENTRY(i8, GatherI8)
