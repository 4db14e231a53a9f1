// The form of a [outputs, inputs] weight matrix that spike_gather_matmul reads: transposed, so that one input's weights lie together.
//
//   elements    [inputs][64 * tiles] float32, fp16 or signed bytes
//   scale, bias, norm weight, norm bias: float32 [64 * tiles] each, as in packed_weights.cuh
//
// fp16 elements are weight / scale * 2^14 with the row's power of two as scale (kept as scale * 2^-14), so small weights keep their bits.
#pragma once
#include <cstdint>
#include <cuda_fp16.h>

template <class Element>
struct GatheredWeights {
    const Element* elements;
    int padded_outputs, inputs;

    __device__ GatheredWeights(const uint8_t* packed, int tiles, int inputs)
        : elements(reinterpret_cast<const Element*>(packed)), padded_outputs(64 * tiles), inputs(inputs) {}
    __device__ const float* scale() const { return reinterpret_cast<const float*>(elements + int64_t(inputs) * padded_outputs); }
    __device__ const float* bias() const { return scale() + padded_outputs; }
    __device__ const float* norm_weight() const { return scale() + 2 * padded_outputs; }
    __device__ const float* norm_bias() const { return scale() + 3 * padded_outputs; }
};

// Four neighbouring weights of one input, added to the sums of the timesteps at which the input spikes.
__device__ inline void add_weights(float (&sum)[4], float4 w) {
    sum[0] = __fadd_rn(sum[0], w.x), sum[1] = __fadd_rn(sum[1], w.y), sum[2] = __fadd_rn(sum[2], w.z), sum[3] = __fadd_rn(sum[3], w.w);
}
__device__ inline void add_weights(int32_t (&sum)[4], int4 w) { sum[0] += w.x, sum[1] += w.y, sum[2] += w.z, sum[3] += w.w; }

__device__ inline float4 four_weights(const float* at) { return *reinterpret_cast<const float4*>(at); }
__device__ inline float4 four_weights(const __half* at) {
    const uint2 raw = *reinterpret_cast<const uint2*>(at);
    const float2 low = __half22float2(reinterpret_cast<const __half2&>(raw.x)), high = __half22float2(reinterpret_cast<const __half2&>(raw.y));
    return make_float4(low.x, low.y, high.x, high.y);
}
__device__ inline int4 four_weights(const int8_t* at) {
    const char4 raw = *reinterpret_cast<const char4*>(at);
    return make_int4(raw.x, raw.y, raw.z, raw.w);
}
