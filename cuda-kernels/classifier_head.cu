// classifier_head: logits = weight . rate of the sequence's first row + bias, in float64 (a rate is never negative: its ReLU is free).
//
// Layout: spikes [rows, timesteps, words(width)]; weight as stored [labels, width]; bias float32 [labels]; logits float64
// [sequences, labels]. One block a sequence; dynamic shared memory 8 * width.
// Why fast: it need not be; only the first row of each sequence is read, and each of its words once.
#include "reduce.cuh"
#include "stored_matrix.cuh"

struct ClassifierHeadArgs {
    const uint64_t* spikes;
    const int32_t* row_offsets;  // [sequences + 1]
    StoredMatrix weight;
    const float* bias;
    double* logits;
    int32_t timesteps;
    int32_t labels;
};

extern "C" __global__ void __launch_bounds__(128) classifier_head_b128(const __grid_constant__ ClassifierHeadArgs args) {
    extern __shared__ double rate[];  // [width]
    __shared__ double partial[2][32];
    const int width = args.weight.columns, words = (width + 63) / 64;
    const uint64_t* spikes = args.spikes + int64_t(args.row_offsets[blockIdx.x]) * args.timesteps * words;
    for (int j = threadIdx.x; j < width; j += blockDim.x) {
        int count = 0;
        for (int t = 0; t < args.timesteps; t++) count += int(spikes[t * words + j / 64] >> (j % 64) & 1);
        rate[j] = double(count) / args.timesteps;
    }
    for (int label = 0; label < args.labels; label++) {
        double sum = 0;
        // A thread reads only the rates it wrote itself: no barrier is needed before the sum.
        for (int j = threadIdx.x; j < width; j += blockDim.x) sum = __fma_rn(double(args.weight.at(label, j)), rate[j], sum);
        sum = block_sum(sum, partial[label & 1]);
        if (threadIdx.x == 0) args.logits[int64_t(blockIdx.x) * args.labels + label] = sum + args.bias[label];
    }
}
