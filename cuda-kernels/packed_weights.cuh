// The packed form of a [outputs, inputs] weight matrix, as pack_weights writes it and spike_matmul reads it.
//
//   vectors     Vector [tiles][stages][slices of a stage][2 groups][4 n8 tiles][32 lanes]
//   scale       float32 [64 * tiles]   what a sum of packed weights is multiplied by
//   bias        float32 [64 * tiles]
//   norm weight float32 [64 * tiles]   of the LayerNorm in the epilogue, else zeros
//   norm bias   float32 [64 * tiles]
//
// A tile is 64 outputs, a stage STAGE_INPUTS inputs; both are padded with zeros. Output o of a tile stands in group o / 32, n8 tile
// j = 2 * (o % 32 / 16) + o % 4 / 2, column 2 * (o % 16 / 4) + o % 2 of it: so a lane's sums are 2 runs of 4 neighbouring outputs.
#pragma once
#include "weight_kinds.cuh"

template <class Kind>
struct PackedWeights {
    const uint8_t* vectors;
    int tiles, stages;

    __device__ PackedWeights(const uint8_t* packed, int tiles, int inputs)
        : vectors(packed), tiles(tiles), stages((inputs + Packing<Kind>::STAGE_INPUTS - 1) / Packing<Kind>::STAGE_INPUTS) {}

    __device__ const uint8_t* tile(int t) const { return vectors + int64_t(t) * stages * Packing<Kind>::STAGE_BYTES; }
    __device__ const float* scale() const { return reinterpret_cast<const float*>(tile(tiles)); }
    __device__ const float* bias() const { return scale() + 64 * tiles; }
    __device__ const float* norm_weight() const { return scale() + 128 * tiles; }
    __device__ const float* norm_bias() const { return scale() + 192 * tiles; }
};

// Output (0 .. 31) of a group that column `slot` of n8 tile j stands for.
__device__ inline int output_of_slot(int j, int slot) { return 16 * (j >> 1) + 4 * (slot >> 1) + 2 * (j & 1) + (slot & 1); }

// The 8 outputs of a group that a lane's sums belong to: output c is 16 * (c / 4) + 4 * (lane % 4) + c % 4, its sum d[c / 2][c % 2]
// for row g and d[c / 2][2 + c % 2] for row g + 8. Loads 8 floats kept per output.
__device__ inline void load_lane_outputs(float (&values)[8], const float* of_group) {
    const int first = 4 * (threadIdx.x & 3);
    const float4 low = *reinterpret_cast<const float4*>(of_group + first);
    const float4 high = *reinterpret_cast<const float4*>(of_group + first + 16);
    values[0] = low.x, values[1] = low.y, values[2] = low.z, values[3] = low.w;
    values[4] = high.x, values[5] = high.y, values[6] = high.z, values[7] = high.w;
}
// Bit of output c in a group's 32-bit spike word, before the shift by 4 * (lane % 4).
__device__ constexpr uint32_t spike_bit(int c) { return 1u << (16 * (c >> 2) + (c & 3)); }
