// Parameters shared by the kernels that multiply spikes with the weights of up to three projections in one launch.
#pragma once
#include "neuron.cuh"

enum : int32_t { EPILOGUE_REAL = 0, EPILOGUE_MEMBRANE = 1, EPILOGUE_GELU_MEMBRANE = 3 };

// What becomes of the tiles (64 outputs each) from first_tile on.
struct SpikeMatmulSegment {
    void* output;  // float32 [rows, timesteps, outputs] (real) or spikes [rows, timesteps, words(outputs)]
    Neuron neuron;
    int32_t first_tile;
    int32_t outputs;
    int32_t epilogue;  // EPILOGUE_*
    int32_t reserved;
};

struct SpikeMatmulArgs {
    const uint64_t* spikes;  // [rows, timesteps, words(inputs)]
    const uint8_t* packed;
    int32_t rows;
    int32_t inputs;
    int32_t timesteps;
    int32_t tiles;     // of all segments
    int32_t segments;  // 1 .. 3
    int32_t reserved;
    SpikeMatmulSegment segment[3];
};

__device__ inline const SpikeMatmulSegment& segment_of_tile(const SpikeMatmulArgs& args, int tile) {
    int s = 0;
    while (s + 1 < args.segments && tile >= args.segment[s + 1].first_tile) s++;
    return args.segment[s];
}

// LayerNorm kernels: whole rows of one projection.
struct SpikeMatmulRowsArgs {
    const uint64_t* spikes;    // [rows, timesteps, words(inputs)]
    const uint8_t* packed;     // with the LayerNorm
    const uint32_t* residual;  // spikes [rows, timesteps, words(outputs)]
    uint32_t* output;          // spikes [rows, timesteps, words(outputs)]
    Neuron neuron;
    float eps;
    int32_t rows;
    int32_t inputs;
    int32_t outputs;
    int32_t timesteps;
    int32_t steps;  // of a chunk, where the kernel leaves it open: 1, 2, 4, 8 or 16
};
