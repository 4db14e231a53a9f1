// spike_gather_matmul: event-driven product for low densities: the weights of the inputs that spike are added, nothing is multiplied.
// The epilogues of spike_matmul: bias -> real, (GELU ->) membrane -> bits by segment; + residual -> LayerNorm -> membrane -> bits.
//
// Layout: gathered_weights.cuh. One block a token, a thread 4 neighbouring outputs; timesteps in chunks of 4, membranes in registers.
// Why fast: the block first compacts the chunk's spikes into a list of events (input, pattern of its timesteps), so the loop over them
// has no empty turns, a weight is read once for all its timesteps, and four weight loads are under way at once. Exact for bytes.
#include "gathered_weights.cuh"
#include "gelu.cuh"
#include "reduce.cuh"
#include "spike_matmul_args.cuh"

constexpr int STEPS = 4;
constexpr int EVENT_BITS = 4;  // pattern of timesteps, below the input's number

// The chunk's events in shared memory, in rising order of input, padded with empty ones to a multiple of 4.
struct EventList {
    uint32_t* words;   // [STEPS][half words] spikes of the chunk
    int* first_event;  // [half words + 1]
    uint32_t* events;

    // Dynamic shared memory holds, in this order: words, first_event, events (aligned to 16 bytes).
    __device__ static EventList in(uint32_t* shared, int half_words) {
        return {shared, reinterpret_cast<int*>(shared + STEPS * half_words), shared + ((STEPS + 1) * half_words + 1 + 3) / 4 * 4};
    }

    __device__ int make(const uint32_t* spikes, int half_words, int existing_steps) const {
        const int lane = threadIdx.x & 31, warp = threadIdx.x >> 5, warps = blockDim.x >> 5;
        for (int i = threadIdx.x; i < STEPS * half_words; i += blockDim.x) words[i] = i < existing_steps * half_words ? spikes[i] : 0;
        __syncthreads();
        if (warp == 0) {
            int before = 0;
            for (int first = 0; first < half_words; first += 32) {
                const int i = first + lane, count = i < half_words ? __popc(any(i, half_words)) : 0;
                int through = count;
#pragma unroll
                for (int distance = 1; distance < 32; distance <<= 1) {
                    const int left = __shfl_up_sync(ALL_LANES, through, distance);
                    if (lane >= distance) through += left;
                }
                if (i < half_words) first_event[i] = before + through - count;
                before += __shfl_sync(ALL_LANES, through, 31);
            }
            if (lane == 0) first_event[half_words] = before;
            if (lane < 3) events[before + lane] = 0;
        }
        __syncthreads();
        for (int i = warp; i < half_words; i += warps) {
            const uint32_t spiking = any(i, half_words);
            uint32_t pattern = 0;
#pragma unroll
            for (int t = 0; t < STEPS; t++) pattern |= (words[t * half_words + i] >> lane & 1) << t;
            if (pattern) events[first_event[i] + __popc(spiking & ((1u << lane) - 1))] = uint32_t(32 * i + lane) << EVENT_BITS | pattern;
        }
        __syncthreads();
        return first_event[half_words];
    }

    __device__ uint32_t any(int i, int half_words) const {
        return words[i] | words[half_words + i] | words[2 * half_words + i] | words[3 * half_words + i];
    }
};

template <class Element, class Sum>
__device__ void add_events(Sum (&sum)[STEPS][4], const uint32_t* events, int count, const Element* elements, int padded_outputs) {
    for (int i = 0; i < count; i += 4) {
        const uint4 four = *reinterpret_cast<const uint4*>(events + i);
        const uint32_t event[4] = {four.x, four.y, four.z, four.w};
        decltype(four_weights(elements)) weights[4];
#pragma unroll
        for (int e = 0; e < 4; e++) weights[e] = four_weights(elements + int64_t(event[e] >> EVENT_BITS) * padded_outputs);
#pragma unroll
        for (int e = 0; e < 4; e++)
#pragma unroll
            for (int t = 0; t < STEPS; t++)
                if (event[e] >> t & 1) add_weights(sum[t], weights[e]);
    }
}

// Bits of 4 outputs of each of 8 neighbouring lanes -> the 32-bit spike word of these lanes, in all of them.
__device__ inline uint32_t gather_word(uint32_t bits) {
    bits <<= 4 * (threadIdx.x & 7);
#pragma unroll
    for (int distance = 1; distance < 8; distance <<= 1) bits |= __shfl_xor_sync(ALL_LANES, bits, distance);
    return bits;
}

__device__ inline void load_four(float (&values)[4], const float* from) {
    const float4 four = *reinterpret_cast<const float4*>(from);
    values[0] = four.x, values[1] = four.y, values[2] = four.z, values[3] = four.w;
}

// The outputs of a thread: 4 from `first` on, of the padded outputs of all segments; threads behind the end take the last tile's.
template <class Element, class Sum>
__device__ void spike_gather_matmul_tile(const SpikeMatmulArgs& args) {
    extern __shared__ __align__(16) uint32_t shared[];
    const int half_words = 2 * ((args.inputs + 63) / 64), row = blockIdx.x;
    const GatheredWeights<Element> weights(args.packed, args.tiles, args.inputs);
    const int first = 4 * (blockIdx.y * blockDim.x + threadIdx.x);
    const bool exists = first < weights.padded_outputs;
    const int safe_first = exists ? first : 0;
    const SpikeMatmulSegment& segment = segment_of_tile(args, safe_first / 64);
    const int output = safe_first - 64 * segment.first_tile;
    const EventList list = EventList::in(shared, half_words);
    const Membrane membrane(segment.neuron);
    float scale[4], bias[4], u[4];
    load_four(scale, weights.scale() + safe_first);
    load_four(bias, weights.bias() + safe_first);
#pragma unroll
    for (int c = 0; c < 4; c++) u[c] = segment.neuron.initial_potential;

    for (int first_step = 0; first_step < args.timesteps; first_step += STEPS) {
        const int existing_steps = min(STEPS, args.timesteps - first_step);
        const int64_t step = int64_t(row) * args.timesteps + first_step;
        __syncthreads();  // the previous events have been read
        const int events = list.make(reinterpret_cast<const uint32_t*>(args.spikes) + step * half_words, half_words, existing_steps);
        Sum sum[STEPS][4] = {};
        add_events(sum, list.events, events, weights.elements + safe_first, weights.padded_outputs);
#pragma unroll
        for (int t = 0; t < STEPS; t++) {
            uint32_t bits = 0;
            const bool stored = exists && t < existing_steps;
#pragma unroll
            for (int c = 0; c < 4; c++) {
                float value = __fmaf_rn(float(sum[t][c]), scale[c], bias[c]);
                if (segment.epilogue == EPILOGUE_REAL) {
                    if (stored && output + c < segment.outputs) static_cast<float*>(segment.output)[(step + t) * segment.outputs + output + c] = value;
                    continue;
                }
                if (segment.epilogue == EPILOGUE_GELU_MEMBRANE) value = gelu(value);
                if (membrane.fires(u[c], value) && output + c < segment.outputs) bits |= 1u << c;
            }
            bits = gather_word(bits);
            if (stored && segment.epilogue != EPILOGUE_REAL && (threadIdx.x & 7) == 0)
                static_cast<uint32_t*>(segment.output)[(step + t) * 2 * ((segment.outputs + 63) / 64) + output / 32] = bits;
        }
    }
}

template <class Element, class Sum>
__device__ void spike_gather_matmul_rows(const SpikeMatmulRowsArgs& args) {
    extern __shared__ __align__(16) uint32_t shared[];
    __shared__ float partial[2][32];
    const int half_words = 2 * ((args.inputs + 63) / 64), tiles = (args.outputs + 63) / 64, row = blockIdx.x;
    const GatheredWeights<Element> weights(args.packed, tiles, args.inputs);
    const int output = 4 * threadIdx.x;
    const bool exists = output < 64 * tiles;
    const int safe_output = exists ? output : 0;
    const EventList list = EventList::in(shared, half_words);
    const Membrane membrane(args.neuron);
    float u[4];
#pragma unroll
    for (int c = 0; c < 4; c++) u[c] = args.neuron.initial_potential;

    for (int first_step = 0; first_step < args.timesteps; first_step += STEPS) {
        const int existing_steps = min(STEPS, args.timesteps - first_step);
        const int64_t step = int64_t(row) * args.timesteps + first_step;
        __syncthreads();  // the previous events have been read
        const int events = list.make(reinterpret_cast<const uint32_t*>(args.spikes) + step * half_words, half_words, existing_steps);
        Sum sum[STEPS][4] = {};
        add_events(sum, list.events, events, weights.elements + safe_output, weights.padded_outputs);
        float scale[4], bias[4], norm_weight[4], norm_bias[4];
        load_four(scale, weights.scale() + safe_output);
        load_four(bias, weights.bias() + safe_output);
        load_four(norm_weight, weights.norm_weight() + safe_output);
        load_four(norm_bias, weights.norm_bias() + safe_output);
#pragma unroll
        for (int t = 0; t < STEPS; t++) {
            if (t >= existing_steps) break;
            const uint32_t residual = args.residual[(step + t) * 2 * tiles + safe_output / 32] >> (safe_output & 31);
            float y[4], total = 0, squares = 0;
#pragma unroll
            for (int c = 0; c < 4; c++) {
                y[c] = __fmaf_rn(float(sum[t][c]), scale[c], bias[c]);
                if (residual >> c & 1) y[c] += 1.f;
                if (output + c < args.outputs) total += y[c];
            }
            const float mean = block_sum(total, partial[0]) / args.outputs;
#pragma unroll
            for (int c = 0; c < 4; c++) {
                y[c] -= mean;
                if (output + c < args.outputs) squares = __fmaf_rn(y[c], y[c], squares);
            }
            const float inverse = rsqrtf(block_sum(squares, partial[1]) / args.outputs + args.eps);
            uint32_t bits = 0;
#pragma unroll
            for (int c = 0; c < 4; c++)
                if (membrane.fires(u[c], __fmaf_rn(y[c] * inverse, norm_weight[c], norm_bias[c])) && output + c < args.outputs) bits |= 1u << c;
            bits = gather_word(bits);
            if (exists && (threadIdx.x & 7) == 0) args.output[(step + t) * 2 * tiles + output / 32] = bits;
        }
    }
}

#define SPIKE_GATHER_MATMUL_ENTRIES(kind, Element, Sum, sum)                                                                       \
    extern "C" __global__ void __launch_bounds__(256)                                                                              \
        spike_gather_matmul_##kind##_n4_t4_##sum##_membrane(const __grid_constant__ SpikeMatmulArgs args) {                        \
        spike_gather_matmul_tile<Element, Sum>(args);                                                                              \
    }                                                                                                                              \
    extern "C" __global__ void __launch_bounds__(512, 1)                                                                              \
        spike_gather_matmul_##kind##_n4_t4_##sum##_norm(const __grid_constant__ SpikeMatmulRowsArgs args) {                        \
        spike_gather_matmul_rows<Element, Sum>(args);                                                                              \
    }
SPIKE_GATHER_MATMUL_ENTRIES(f32, float, float, f32)
SPIKE_GATHER_MATMUL_ENTRIES(f16, __half, float, f32)
SPIKE_GATHER_MATMUL_ENTRIES(i8, int8_t, int32_t, s32)
