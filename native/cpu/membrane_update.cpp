// membrane_update: the stand-alone neuron, currents [row][timestep][unit] -> spikes [row][timestep][word].
//
// Layout   a row is one token; its timesteps lie side by side, so a panel of 64 units reads 256-byte pieces `width` floats apart.
// Fast     64 membranes stay in registers while time advances; spikes come straight from compare masks, one word store a timestep.
//          Bound by reading the currents: the forward pass fuses the neuron into the products for this reason.
#include "neuron.hpp"
#include "operations.hpp"

namespace leanspike::LEANSPIKE_VARIANT {

void membrane_update(const membrane_update_job &job, int64_t tile, unsigned char *) {
    const leanspike_membrane_update_args &a = *job.args;
    const int64_t begin = tile * job.tile_rows;
    const int64_t end = a.rows - begin < job.tile_rows ? a.rows : begin + job.tile_rows;
    const int64_t words = words_of(a.width);
    for (int64_t row = begin; row < end; ++row)
        for (int64_t p = 0; p < words; ++p) {
            const int64_t columns = a.width - p * PANEL;
            const float *current = a.current + row * a.timesteps * a.width + p * PANEL;
            uint64_t *spikes = a.spikes + row * a.timesteps * words + p;
            if (columns >= PANEL)
                scan_panel(a.neuron, a.timesteps, nullptr, low_bits(PANEL), spikes, words,
                           [&](int64_t t, int v) { return load_any(current + t * a.width + v * LANES); });
            else
                scan_panel(a.neuron, a.timesteps, nullptr, low_bits(columns), spikes, words, [&](int64_t t, int v) {
                    const int64_t left = columns - v * LANES;
                    return left > 0 ? load_first(current + t * a.width + v * LANES, left) : zero();
                });
        }
}

} // namespace leanspike::LEANSPIKE_VARIANT
