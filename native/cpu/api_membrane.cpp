// membrane_update, spike_retime, spike_count, synapse_count and classifier_head: checks, then tiles of rows or sequences.
#include <algorithm>

#include "context.hpp"
#include "validation.hpp"

using namespace leanspike;

namespace {

constexpr int64_t TILE_ROWS = 16;

constexpr int64_t WORTHWHILE_WORDS = 16 << 10; // of spikes: counting fewer takes less time than waking a thread for it

int64_t ceil_div(int64_t a, int64_t b) { return (a + b - 1) / b; }

int64_t tiles(int64_t rows) { return ceil_div(rows, TILE_ROWS); }

// count(sequence) for all sequences of these spikes, so many of them an item that it is worth one.
template <class Args, class Count>
void each_sequence(ThreadPool &pool, const Args &a, const Count &count) {
    const int64_t words = a.rows * a.timesteps * ceil_div(a.width, 64);
    const int64_t together = std::max<int64_t>(1, WORTHWHILE_WORDS * a.sequences / words);
    pool.run(ceil_div(a.sequences, together), 0, [&](int64_t item, unsigned char *memory) {
        const int64_t end = std::min<int64_t>(a.sequences, (item + 1) * together);
        for (int64_t sequence = item * together; sequence < end; ++sequence) count(sequence, memory);
    });
}

} // namespace

extern "C" int32_t leanspike_membrane_update(leanspike_context *context, const leanspike_membrane_update_args *args) {
    return guarded("membrane_update", [&] {
        require_pointer(context, "context");
        require_pointer(args, "args");
        require_pointer(args->current, "current");
        require_neuron(args->neuron);
        require_extent(args->rows, "rows");
        require_extent(args->width, "width");
        require_timesteps(args->timesteps);
        require_countable(args->rows, args->timesteps, args->width);
        require_pointer(args->spikes, "spikes");
        const membrane_update_job job = {args, TILE_ROWS};
        context->pool.run(tiles(args->rows), 0,
                          [&](int64_t tile, unsigned char *memory) { context->kernels.membrane_update(job, tile, memory); });
    });
}

extern "C" int32_t leanspike_spike_retime(leanspike_context *context, const leanspike_spike_retime_args *args) {
    return guarded("spike_retime", [&] {
        require_pointer(context, "context");
        require_pointer(args, "args");
        require_pointer(args->input, "input");
        require_extent(args->rows, "rows");
        require_extent(args->width, "width");
        require_timesteps(args->timesteps);
        if (args->from_timesteps < 1 || args->from_timesteps > MAX_TIMESTEPS)
            reject("from_timesteps", "is " + std::to_string(args->from_timesteps) + ", must be in 1 .. " + std::to_string(MAX_TIMESTEPS));
        require_countable(args->rows, args->timesteps, args->width);
        require_countable(args->rows, args->from_timesteps, args->width);
        require_pointer(args->spikes, "spikes");
        const spike_retime_job job = {args, TILE_ROWS};
        context->pool.run(tiles(args->rows), 0,
                          [&](int64_t tile, unsigned char *memory) { context->kernels.spike_retime(job, tile, memory); });
    });
}

extern "C" int32_t leanspike_spike_count(leanspike_context *context, const leanspike_spike_count_args *args) {
    return guarded("spike_count", [&] {
        require_pointer(context, "context");
        require_pointer(args, "args");
        require_pointer(args->spikes, "spikes");
        require_extent(args->rows, "rows");
        require_extent(args->width, "width");
        require_timesteps(args->timesteps);
        require_countable(args->rows, args->timesteps, args->width);
        if (args->totals != nullptr) {
            require_extent(args->sequences, "sequences");
            require_offsets(args->row_offsets, args->sequences, args->rows, Parts::MAY_BE_EMPTY, "row_offsets");
        }
        const spike_count_job job = {args, TILE_ROWS};
        if (args->counts != nullptr)
            context->pool.run(tiles(args->rows), 0,
                              [&](int64_t tile, unsigned char *memory) { context->kernels.spike_count(job, tile, memory); });
        if (args->totals != nullptr)
            each_sequence(context->pool, *args,
                          [&](int64_t sequence, unsigned char *memory) { context->kernels.spike_total(job, sequence, memory); });
    });
}

extern "C" int32_t leanspike_synapse_count(leanspike_context *context, const leanspike_synapse_count_args *args) {
    return guarded("synapse_count", [&] {
        require_pointer(context, "context");
        require_pointer(args, "args");
        require_pointer(args->spikes, "spikes");
        require_pointer(args->planes, "planes");
        if (reinterpret_cast<uintptr_t>(args->planes) % 64 != 0) reject("planes", "is not 64-byte aligned");
        require_pointer(args->totals, "totals");
        require_extent(args->rows, "rows");
        require_extent(args->width, "width");
        require_timesteps(args->timesteps);
        require_countable(args->rows, args->timesteps, args->width);
        require_extent(args->sequences, "sequences");
        require_offsets(args->row_offsets, args->sequences, args->rows, Parts::MAY_BE_EMPTY, "row_offsets");
        if (args->plane_count < 8 || args->plane_count > 32 || args->plane_count % 8 != 0)
            reject("plane_count", "is " + std::to_string(args->plane_count) + ", must be 8, 16, 24 or 32");
        if (args->least < 0 || args->least > INT32_MAX) reject("least", "is " + std::to_string(args->least) + ", must be in 0 .. " + std::to_string(INT32_MAX));
        const synapse_count_job job = {args};
        each_sequence(context->pool, *args,
                      [&](int64_t sequence, unsigned char *memory) { context->kernels.synapse_count(job, sequence, memory); });
    });
}

extern "C" int32_t leanspike_classifier_head(leanspike_context *context, const leanspike_classifier_head_args *args) {
    return guarded("classifier_head", [&] {
        require_pointer(context, "context");
        require_pointer(args, "args");
        const leanspike_classifier_head_args &a = *args;
        if ((a.spikes == nullptr) == (a.rates == nullptr)) reject("spikes and rates", a.spikes == nullptr ? "are both null" : "are both given");
        require_extent(a.sequences, "sequences");
        require_extent(a.labels, "labels");
        require_extent(a.width, "width");
        if (a.spikes != nullptr) require_timesteps(a.timesteps);
        require_offsets(a.row_offsets, a.sequences, Parts::NOT_EMPTY, "row_offsets");
        require_countable(a.row_offsets[a.sequences], a.spikes != nullptr ? a.timesteps : 1, a.width);
        require_countable(a.labels, 1, a.width);
        require_pointer(a.weight, "weight");
        require_pointer(a.bias, "bias");
        require_pointer(a.logits, "logits");
        ScratchPlan scratch;
        const classifier_head_job job = {args, scratch.add(a.width * 8)};
        context->pool.run(a.sequences, scratch.bytes(),
                          [&](int64_t sequence, unsigned char *memory) { context->kernels.classifier_head(job, sequence, memory); });
    });
}
