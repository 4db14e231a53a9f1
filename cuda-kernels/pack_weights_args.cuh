// What pack_weights takes, and what its kinds share: scaled rows and what is kept per output.
#pragma once
#include "reduce.cuh"
#include "stored_matrix.cuh"

struct PackWeightsArgs {
    StoredMatrix matrix;
    const float* bias;         // [outputs]
    const float* norm_weight;  // [outputs] or null
    const float* norm_bias;    // [outputs] or null
    uint8_t* packed;
    int32_t outputs;
    int32_t first_tile;  // of this matrix
    int32_t tiles;       // of the whole packed form
    int32_t reserved;
};

// One row of the stored matrix with its scale taken out.
struct ScaledRow {
    const StoredMatrix& matrix;
    int row;  // negative: a row of zeros
    float inverse;

    __device__ float at(int input) const { return row < 0 || input >= matrix.columns ? 0.f : matrix.at(row, input) * inverse; }
};

__device__ inline float largest_magnitude(const StoredMatrix& matrix, int row, float* partial) {
    float largest = 0;
    for (int k = threadIdx.x; k < matrix.columns; k += blockDim.x) largest = fmaxf(largest, fabsf(matrix.at(row, k)));
    largest = warp_max(largest);
    if ((threadIdx.x & 31) == 0) partial[threadIdx.x >> 5] = largest;
    __syncthreads();
    return warp_max((threadIdx.x & 31) < (blockDim.x >> 5) ? partial[threadIdx.x & 31] : 0.f);
}

__device__ inline uint32_t fp16_pair(__half low, __half high) { return uint32_t(__half_as_ushort(high)) << 16 | __half_as_ushort(low); }

// The scale of a row: a power of two for floating-point forms, else what a step of 8 bits or the magnitude itself stands for.
__device__ inline float power_of_two_unit(float largest) { return largest > 0 ? ldexpf(1.f, max(-100, ilogbf(largest))) : 1.f; }
__device__ inline float byte_unit(float largest) { return largest > 0 ? largest / 127.f : 1.f; }

// The signed byte of (row, input): the stored one, or a dense weight in steps of the row's unit.
__device__ inline int byte_of(const ScaledRow& row, int input) {
    if (row.row < 0 || input >= row.matrix.columns) return 0;
    if (row.matrix.type == STORED_I8) return static_cast<const int8_t*>(row.matrix.elements)[int64_t(row.row) * row.matrix.columns + input];
    return max(-127, min(127, __float2int_rn(row.at(input))));
}

// Scale, bias and LayerNorm of one padded output; values: the scale array, the others follow it.
__device__ inline void put_output_values(const PackWeightsArgs& args, float* values, int row, int padded_output, float scale) {
    values[padded_output] = row < 0 ? 0.f : scale;
    values[64 * args.tiles + padded_output] = row < 0 ? 0.f : args.bias[row];
    values[128 * args.tiles + padded_output] = row < 0 || !args.norm_weight ? 0.f : args.norm_weight[row];
    values[192 * args.tiles + padded_output] = row < 0 || !args.norm_bias ? 0.f : args.norm_bias[row];
}
