// classifier_head: logits = weight . ReLU(rate of the sequence's first row) + bias, in float64.
//
// Layout   spikes [row][timestep][word] or rates [row][width]; weight [label][width]; logits [sequence][label].
// Fast     it is a few thousand products a sequence; plain loops in order keep it equal on every variant.
#include "operations.hpp"
#include "simd.hpp"

namespace leanspike::LEANSPIKE_VARIANT {
namespace {

void rates_from_spikes(const leanspike_classifier_head_args &a, int64_t row, double *rates) {
    const int64_t words = words_of(a.width);
    const uint64_t *spikes = a.spikes + row * a.timesteps * words;
    for (int64_t j = 0; j < a.width; ++j) {
        int64_t count = 0;
        for (int32_t t = 0; t < a.timesteps; ++t) count += static_cast<int64_t>(spikes[t * words + j / 64] >> (j % 64) & 1);
        rates[j] = static_cast<double>(count) / a.timesteps;
    }
}

} // namespace

void classifier_head(const classifier_head_job &job, int64_t sequence, unsigned char *scratch) {
    const leanspike_classifier_head_args &a = *job.args;
    const int64_t row = a.row_offsets[sequence];
    double *rates = reinterpret_cast<double *>(scratch + job.rates_at);
    if (a.spikes != nullptr)
        rates_from_spikes(a, row, rates);
    else
        for (int64_t j = 0; j < a.width; ++j) rates[j] = a.rates[row * a.width + j] > 0 ? static_cast<double>(a.rates[row * a.width + j]) : 0.0;
    for (int32_t label = 0; label < a.labels; ++label) {
        double sum = static_cast<double>(a.bias[label]);
        for (int64_t j = 0; j < a.width; ++j) sum += static_cast<double>(a.weight[label * a.width + j]) * rates[j];
        a.logits[int64_t{sequence} * a.labels + label] = sum;
    }
}

} // namespace leanspike::LEANSPIKE_VARIANT
