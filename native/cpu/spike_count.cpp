// spike_count: spikes of each unit over the timesteps, and all spikes of each sequence.
//
// Layout   spikes [row][timestep][word]; counts [row][width]; totals [sequence].
// Fast     counts keep 64 units in registers over the timesteps, masked additions of one; totals are population counts of words.
#include "operations.hpp"
#include "simd.hpp"

namespace leanspike::LEANSPIKE_VARIANT {

void spike_count(const spike_count_job &job, int64_t tile, unsigned char *) {
    const leanspike_spike_count_args &a = *job.args;
    const int64_t begin = tile * job.tile_rows;
    const int64_t end = a.rows - begin < job.tile_rows ? a.rows : begin + job.tile_rows;
    const int64_t words = words_of(a.width);
    const Vec one = broadcast(1.0f);
    for (int64_t row = begin; row < end; ++row)
        for (int64_t p = 0; p < words; ++p) {
            const uint64_t *spikes = a.spikes + row * a.timesteps * words + p;
            Vec count[PANEL_VECS]; // whole numbers, exact in float32
            for (int v = 0; v < PANEL_VECS; ++v) count[v] = zero();
            for (int32_t t = 0; t < a.timesteps; ++t)
                for (int v = 0; v < PANEL_VECS; ++v) count[v] = add_where(mask_from_word(spikes[t * words], v), count[v], one);
            int32_t whole[PANEL];
            for (int v = 0; v < PANEL_VECS; ++v) store_as_int(whole + v * LANES, count[v]);
            const int64_t columns = a.width - p * PANEL < PANEL ? a.width - p * PANEL : PANEL;
            for (int64_t j = 0; j < columns; ++j) a.counts[row * a.width + p * PANEL + j] = whole[j];
        }
}

void spike_total(const spike_count_job &job, int64_t sequence, unsigned char *) {
    const leanspike_spike_count_args &a = *job.args;
    const int64_t row_words = a.timesteps * words_of(a.width);
    const uint64_t *end = a.spikes + a.row_offsets[sequence + 1] * row_words;
    int64_t total = 0;
    for (const uint64_t *word = a.spikes + a.row_offsets[sequence] * row_words; word != end; ++word) total += __builtin_popcountll(*word);
    a.totals[sequence] = total;
}

} // namespace leanspike::LEANSPIKE_VARIANT
