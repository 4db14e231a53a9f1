// Sums and maxima over a warp and over a block.
#pragma once
#include <cstdint>

constexpr unsigned ALL_LANES = 0xffffffffu;

template <class Value>
__device__ Value warp_sum(Value value) {
#pragma unroll
    for (int distance = 16; distance > 0; distance >>= 1) value += __shfl_xor_sync(ALL_LANES, value, distance);
    return value;
}

__device__ inline float warp_max(float value) {
#pragma unroll
    for (int distance = 16; distance > 0; distance >>= 1) value = fmaxf(value, __shfl_xor_sync(ALL_LANES, value, distance));
    return value;
}

// Sum over the block's threads, in every thread. partial: 32 values of shared memory, free to be reused after the next barrier.
template <class Value>
__device__ Value block_sum(Value value, Value* partial) {
    const int lane = threadIdx.x & 31, warps = blockDim.x >> 5;
    value = warp_sum(value);
    if (lane == 0) partial[threadIdx.x >> 5] = value;
    __syncthreads();
    return warp_sum(lane < warps ? partial[lane] : Value(0));
}

// Adds the sum over the block's threads to a total that other blocks add to as well: whole numbers, whose order does not matter.
template <class Value>
__device__ void add_block_sum(unsigned long long* total, Value value, Value* partial) {
    value = warp_sum(value);
    if ((threadIdx.x & 31) == 0) partial[threadIdx.x >> 5] = value;
    __syncthreads();
    if (threadIdx.x >= 32) return;
    value = warp_sum(threadIdx.x < blockDim.x >> 5 ? partial[threadIdx.x] : Value(0));
    if (threadIdx.x == 0) atomicAdd(total, static_cast<unsigned long long>(value));
}
