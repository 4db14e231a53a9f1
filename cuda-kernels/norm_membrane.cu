// norm_membrane: LayerNorm(current + residual spikes), membrane over the timesteps, bits out: what follows a product whose rows are spread
// over many blocks.
//
// Layout: current float32 [rows, timesteps, width]; residual and output spikes as 32-bit words [rows, timesteps, 2 * words(width)]. A block
// takes a row: each of its warps normalizes a timestep of its own, then all of them carry the membranes through those timesteps, a lane a
// unit. A timestep is summed by one warp and a unit's membrane scanned by one lane, so nothing depends on the number of warps.
// Why fast: currents are read once, 16 bytes a lane, and kept on chip for both passes of the LayerNorm and for the membrane; timesteps
// are normalized side by side, so that a single sequence fills the device too.
// What it costs: the currents cross memory once each way, 8 bytes a unit and timestep. One kernel over whole rows would avoid that, but
// each of its blocks would read all weights: for 32 rows more bytes than the currents, from 256 inputs on with weights of a byte or more.
#include "neuron.cuh"
#include "reduce.cuh"

struct NormMembraneArgs {
    const float* current;
    const uint32_t* residual;
    const float* norm_weight;
    const float* norm_bias;
    uint32_t* output;
    Neuron neuron;
    float eps;
    int32_t width;
    int32_t timesteps;
    int32_t reserved;
};

constexpr int MOST_WARPS = 8;

// Adds the residual spikes of four columns to their currents.
__device__ inline float4 add_spikes(float4 v, uint32_t four) {
    return make_float4(v.x + float(four & 1), v.y + float(four >> 1 & 1), v.z + float(four >> 2 & 1), v.w + float(four >> 3 & 1));
}

// Grid: rows. Dynamic shared memory: (warps + 1) * columns floats, columns = width rounded up to 64.
extern "C" __global__ void __launch_bounds__(256) norm_membrane_b256(const __grid_constant__ NormMembraneArgs args) {
    extern __shared__ __align__(16) float shared[];
    __shared__ float means[MOST_WARPS], inverses[MOST_WARPS];
    const int lane = threadIdx.x & 31, warp = threadIdx.x >> 5, warps = blockDim.x >> 5;
    const int width = args.width, columns = (width + 63) / 64 * 64, half_words = columns / 32;
    float* potentials = shared;
    float* summed = shared + columns;  // [warps][columns]: current + residual
    const Membrane membrane(args.neuron);
    const int64_t first_place = int64_t(blockIdx.x) * args.timesteps;

    for (int first = 0; first < args.timesteps; first += warps) {
        const int step = first + warp;
        if (first > 0) __syncthreads();  // the previous timesteps have been read
        if (step < args.timesteps) {
            const float* from = args.current + (first_place + step) * width;
            const uint32_t* residual = args.residual + (first_place + step) * half_words;
            float* own = summed + warp * columns;
            float sum = 0;
            if (width % 4 == 0) {
#pragma unroll 2
                for (int c = 4 * lane; c < width; c += 128) {
                    const float4 v = add_spikes(*reinterpret_cast<const float4*>(from + c), residual[c >> 5] >> (c & 31));
                    *reinterpret_cast<float4*>(own + c) = v;
                    sum += (v.x + v.y) + (v.z + v.w);
                }
            } else {
                for (int c = lane; c < width; c += 32) {
                    own[c] = from[c] + float(residual[c >> 5] >> lane & 1);
                    sum += own[c];
                }
            }
            const float mean = warp_sum(sum) / float(width);
            __syncwarp();
            float squares = 0;
            for (int c = lane; c < width; c += 32) {
                const float apart = own[c] - mean;
                squares = __fmaf_rn(apart, apart, squares);
            }
            squares = warp_sum(squares);
            if (lane == 0) {
                means[warp] = mean;
                inverses[warp] = rsqrtf(squares / float(width) + args.eps);
            }
        }
        __syncthreads();
        const int steps = min(warps, args.timesteps - first);
        for (int c = threadIdx.x; c < columns; c += blockDim.x) {
            const bool exists = c < width;
            const float weight = exists ? args.norm_weight[c] : 0.f, bias = exists ? args.norm_bias[c] : 0.f;
            float u = first == 0 ? args.neuron.initial_potential : potentials[c];
            uint32_t* word = args.output + (first_place + first) * half_words + (c >> 5);
            for (int s = 0; s < steps; s++, word += half_words) {
                const float normal = exists ? (summed[s * columns + c] - means[s]) * inverses[s] : 0.f;
                const bool fired = membrane.fires(u, __fmaf_rn(normal, weight, bias));
                const uint32_t bits = __ballot_sync(ALL_LANES, fired && exists);
                if (lane == 0) *word = bits;
            }
            potentials[c] = u;
        }
    }
}
