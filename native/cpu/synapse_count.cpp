// synapse_count: accumulates that the spikes of each sequence cause, by the number of live weights behind each unit.
//
// Layout   spikes [row][timestep][word]; planes [word][plane]: the numbers as bits, plane p worth 2^p; totals [sequence].
// Fast     a word of spikes meets all planes at once, AND + POPCNT: a handful of instructions for 64 units, beside hundreds in the
//          products. What all units have in common (least) needs no plane, so that eight planes mostly suffice.
#include "operations.hpp"
#include "simd.hpp"

namespace leanspike::LEANSPIKE_VARIANT {

void synapse_count(const synapse_count_job &job, int64_t sequence, unsigned char *) {
    constexpr int PLANES = 8;
    const leanspike_synapse_count_args &a = *job.args;
    const int64_t words = words_of(a.width);
    const int64_t steps = (int64_t{a.row_offsets[sequence + 1]} - a.row_offsets[sequence]) * a.timesteps;
    const uint64_t *spikes = a.spikes + a.row_offsets[sequence] * a.timesteps * words;
    int64_t total = 0;
    for (int64_t word = 0; word < steps * words; ++word) total += a.least * __builtin_popcountll(spikes[word]);
    for (int64_t p = 0; p < words; ++p)
        for (int32_t group = 0; group < a.plane_count; group += PLANES) {
            Words planes[PLANES / WORDS], sums[PLANES / WORDS];
            for (int v = 0; v < PLANES / WORDS; ++v) {
                planes[v] = load_words(a.planes + p * a.plane_count + group + v * WORDS);
                sums[v] = no_words();
            }
            for (int64_t step = 0; step < steps; ++step) {
                const Words word = broadcast_word(spikes[step * words + p]);
                for (int v = 0; v < PLANES / WORDS; ++v) sums[v] = sums[v] + popcount(word & planes[v]);
            }
            int64_t sum[PLANES];
            for (int v = 0; v < PLANES / WORDS; ++v) store_words(sum + v * WORDS, sums[v]);
            for (int i = 0; i < PLANES; ++i) total += sum[i] << (group + i);
        }
    a.totals[sequence] = total;
}

} // namespace leanspike::LEANSPIKE_VARIANT
