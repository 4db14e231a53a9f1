// spike_encode: word + position + type embedding, LayerNorm, then the embedding neurons over all timesteps; bits out.
//
// Layout: tables as stored [entries, width]; spikes [rows, timesteps, words(width)]. One block a token; dynamic shared memory 4 * width.
// Why fast: the current is the same at every timestep, so it is made once and stays in a register while t advances; a table element
// is read once; spikes leave as whole 64-bit words, 32 timesteps a store.
#include "bit_rows.cuh"
#include "neuron.cuh"
#include "stored_matrix.cuh"

struct SpikeEncodeArgs {
    StoredMatrix word, position, type;
    const float* norm_weight;
    const float* norm_bias;
    const int32_t* word_ids;
    const int32_t* position_ids;
    const int32_t* type_ids;
    uint64_t* spikes;
    Neuron neuron;
    float eps;
    int32_t width;
    int32_t timesteps;
    int32_t rows;
};

extern "C" __global__ void __launch_bounds__(256) spike_encode_b256(const __grid_constant__ SpikeEncodeArgs args) {
    extern __shared__ float x[];  // [width]
    __shared__ float partial[2][32];
    const int row = blockIdx.x;
    const int word_id = args.word_ids[row], position_id = args.position_ids[row], type_id = args.type_ids[row];
    float sum = 0;
    for (int j = threadIdx.x; j < args.width; j += blockDim.x) {
        const float value = args.word.at(word_id, j) + args.position.at(position_id, j) + args.type.at(type_id, j);
        x[j] = value;
        sum += value;
    }
    const float mean = block_sum(sum, partial[0]) / args.width;
    float squares = 0;
    for (int j = threadIdx.x; j < args.width; j += blockDim.x) {
        const float centred = x[j] - mean;
        squares = __fmaf_rn(centred, centred, squares);
    }
    const float inverse = rsqrtf(block_sum(squares, partial[1]) / args.width + args.eps);

    const Membrane membrane(args.neuron);
    const int lane = threadIdx.x & 31, words = (args.width + 63) / 64;
    for (int w = threadIdx.x >> 5; w < words; w += blockDim.x >> 5) {
        float current[2], u[2];
        bool exists[2];
#pragma unroll
        for (int half = 0; half < 2; half++) {
            const int j = w * 64 + half * 32 + lane;
            exists[half] = j < args.width;
            current[half] = exists[half] ? __fmaf_rn((x[j] - mean) * inverse, args.norm_weight[j], args.norm_bias[j]) : 0;
            u[half] = args.neuron.initial_potential;
        }
        SpikeWordWriter writer{args.spikes + int64_t(row) * args.timesteps * words + w, words};
        for (int t = 0; t < args.timesteps; t++) {
            const bool low = membrane.fires(u[0], current[0]) && exists[0];
            const bool high = membrane.fires(u[1], current[1]) && exists[1];
            writer.step(t, args.timesteps, low, high);
        }
    }
}
