// The kernels' parameter structures as the host sees them. Sizes are asserted: README.md states the offsets.
#pragma once
#include "stored.hpp"

struct NeuronArg {
    float threshold, leak, initial_potential;
    int32_t hard_reset;
    NeuronArg(NeuronCase n = {}) : threshold(n.threshold), leak(n.leak), initial_potential(n.initial_potential), hard_reset(n.hard) {}
};

struct SpikeEncodeArgs {
    StoredMatrixArg word, position, type;
    const float *norm_weight, *norm_bias;
    const int32_t *word_ids, *position_ids, *type_ids;
    uint64_t* spikes;
    NeuronArg neuron;
    float eps;
    int32_t width, timesteps, rows;
};
static_assert(sizeof(SpikeEncodeArgs) == 152);

struct PackWeightsArgs {
    StoredMatrixArg matrix;
    const float *bias, *norm_weight, *norm_bias;
    uint8_t* packed;
    int32_t outputs, first_tile, tiles, reserved = 0;
};
static_assert(sizeof(PackWeightsArgs) == 72);

enum : int32_t { REAL = 0, MEMBRANE = 1, NORM_MEMBRANE = 2, GELU_MEMBRANE = 3 };

struct SpikeMatmulSegment {
    void* output = nullptr;
    NeuronArg neuron;
    int32_t first_tile = 0, outputs = 0, epilogue = 0, reserved = 0;
};
struct SpikeMatmulArgs {
    const uint64_t* spikes;
    const uint8_t* packed;
    int32_t rows, inputs, timesteps, tiles, segments, reserved;
    SpikeMatmulSegment segment[3];
};
static_assert(sizeof(SpikeMatmulSegment) == 40 && sizeof(SpikeMatmulArgs) == 160);

struct SpikeMatmulRowsArgs {
    const uint64_t* spikes;
    const uint8_t* packed;
    const uint64_t* residual;
    uint64_t* output;
    NeuronArg neuron;
    float eps;
    int32_t rows, inputs, outputs, timesteps, steps;
};
static_assert(sizeof(SpikeMatmulRowsArgs) == 72);

struct NormMembraneArgs {
    const float* current;
    const uint64_t* residual;
    const float *norm_weight, *norm_bias;
    uint64_t* output;
    NeuronArg neuron;
    float eps;
    int32_t width, timesteps, reserved;
};
static_assert(sizeof(NormMembraneArgs) == 72);

struct SpikingAttentionArgs {
    const float* query;
    const uint64_t *key, *value;
    const int32_t *key_offsets, *value_offsets, *row_offsets;
    const uint8_t* live;
    uint64_t* output;
    NeuronArg neuron;
    float scale;
    int32_t timesteps, key_width, value_width, tiles, steps;
};
static_assert(sizeof(SpikingAttentionArgs) == 104);

struct MembraneUpdateArgs {
    const float* current;
    uint64_t* spikes;
    NeuronArg neuron;
    int32_t rows, width, timesteps, reserved;
};
static_assert(sizeof(MembraneUpdateArgs) == 48);

struct SpikeCountsArgs {
    const uint64_t* spikes;
    int32_t* counts;
    int32_t rows, width, timesteps, reserved;
};
static_assert(sizeof(SpikeCountsArgs) == 32);

struct SpikeTotalsArgs {
    const int32_t* row_offsets;
    struct {
        const uint64_t* spikes = nullptr;
        int64_t* totals = nullptr;
        int32_t words_per_row = 0, reserved = 0;
    } population[8];
    int32_t rounds = 1, reserved = 0;
};
static_assert(sizeof(SpikeTotalsArgs) == 208);

struct SynapseCountArgs {
    const int32_t* row_offsets;
    struct {
        const uint64_t *spikes = nullptr, *planes = nullptr;
        int64_t* totals = nullptr;
        int32_t words = 0, timesteps = 0, plane_count = 0, least = 0;
    } population[4];
    int32_t rounds = 1, reserved = 0;
};
static_assert(sizeof(SynapseCountArgs) == 176);

struct ClassifierHeadArgs {
    const uint64_t* spikes;
    const int32_t* row_offsets;
    StoredMatrixArg weight;
    const float* bias;
    double* logits;
    int32_t timesteps, labels;
};
static_assert(sizeof(ClassifierHeadArgs) == 64);
