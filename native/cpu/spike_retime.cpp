// spike_retime: the spikes of a population over another number of timesteps: a unit that spiked c of T times spikes round(c T' / T) of
// T' times, evenly spaced.
//
// Layout   spikes [row][timestep][word], in and out.
// Fast     64 units at a time: counts by masked additions, then the neuron's own scan with the potential starting at T, currents 2 c and
//          the threshold 2 T. All of them are whole numbers below 2^24, so float32 is exact.
#include "neuron.hpp"
#include "operations.hpp"

namespace leanspike::LEANSPIKE_VARIANT {

void spike_retime(const spike_retime_job &job, int64_t tile, unsigned char *) {
    const leanspike_spike_retime_args &a = *job.args;
    const int64_t begin = tile * job.tile_rows;
    const int64_t end = a.rows - begin < job.tile_rows ? a.rows : begin + job.tile_rows;
    const int64_t words = words_of(a.width);
    const float period = static_cast<float>(a.from_timesteps);
    const leanspike_neuron neuron = {2 * period, 1.0f, period, LEANSPIKE_RESET_SOFT};
    const Vec two = broadcast(2.0f);
    alignas(64) float current[PANEL];
    for (int64_t row = begin; row < end; ++row)
        for (int64_t p = 0; p < words; ++p) {
            const uint64_t *spikes = a.input + row * a.from_timesteps * words + p;
            for (int v = 0; v < PANEL_VECS; ++v) {
                Vec doubled = zero();
                for (int32_t t = 0; t < a.from_timesteps; ++t) doubled = add_where(mask_from_word(spikes[t * words], v), doubled, two);
                store(current + v * LANES, doubled);
            }
            scan_panel(neuron, a.timesteps, nullptr, low_bits(a.width - p * PANEL), a.spikes + row * a.timesteps * words + p, words,
                       [&](int64_t, int v) { return load(current + v * LANES); });
        }
}

} // namespace leanspike::LEANSPIKE_VARIANT
