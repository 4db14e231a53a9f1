// membrane_update: the neuron alone. Currents float32 [rows, timesteps, width] in, spikes [rows, timesteps, words(width)] out.
// For checks and benchmarks; the forward pass fuses it.
//
// Layout: one warp a (row, 64 units); a lane owns units i and i + 32 and keeps their potentials in registers.
// Why fast: currents are read once, 128 bytes a warp and load; bits are made by ballot and stored 32 timesteps at once.
#include "bit_rows.cuh"
#include "neuron.cuh"

struct MembraneUpdateArgs {
    const float* current;
    uint64_t* spikes;
    Neuron neuron;
    int32_t rows;
    int32_t width;
    int32_t timesteps;
    int32_t reserved;
};

extern "C" __global__ void __launch_bounds__(128) membrane_update_b128(const __grid_constant__ MembraneUpdateArgs args) {
    const int words = (args.width + 63) / 64, lane = threadIdx.x & 31;
    const int64_t item = int64_t(blockIdx.x) * (blockDim.x >> 5) + (threadIdx.x >> 5);
    if (item >= int64_t(args.rows) * words) return;
    const int64_t row = item / words;
    const int w = int(item % words), j = w * 64 + lane;
    const bool low_exists = j < args.width, high_exists = j + 32 < args.width;
    const float* current = args.current + row * args.timesteps * args.width + j;
    const Membrane membrane(args.neuron);
    float u0 = args.neuron.initial_potential, u1 = u0;
    SpikeWordWriter writer{args.spikes + row * args.timesteps * words + w, words};
    for (int t = 0; t < args.timesteps; t++) {
        const bool low = membrane.fires(u0, low_exists ? current[0] : 0) && low_exists;
        const bool high = membrane.fires(u1, high_exists ? current[32] : 0) && high_exists;
        writer.step(t, args.timesteps, low, high);
        current += args.width;
    }
}
