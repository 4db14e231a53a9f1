// spike_encode and rate_encode: checks, then tiles of token rows.
#include "context.hpp"
#include "validation.hpp"

using namespace leanspike;

namespace {

constexpr int64_t TILE_ROWS = 8;

template <class Args>
embedding_job make_job(const Args &a, int32_t timesteps) {
    require_extent(a.rows, "rows");
    require_matrix(a.word, "word");
    require_matrix(a.position, "position");
    require_matrix(a.type, "type");
    const auto same_width = [&a](const leanspike_matrix &table, const char *field) {
        if (table.cols != a.word.cols) reject(field, "is " + std::to_string(table.cols) + ", must be word.cols = " + std::to_string(a.word.cols));
    };
    same_width(a.position, "position.cols");
    same_width(a.type, "type.cols");
    require_norm(a.norm);
    require_countable(a.rows, timesteps, a.word.cols);
    require_ids(a.word_ids, a.rows, a.word.rows, "word_ids");
    require_ids(a.position_ids, a.rows, a.position.rows, "position_ids");
    require_ids(a.type_ids, a.rows, a.type.rows, "type_ids");
    embedding_job job = {};
    job.word = a.word;
    job.position = a.position;
    job.type = a.type;
    job.norm = a.norm;
    job.neuron = a.neuron;
    job.word_ids = a.word_ids;
    job.position_ids = a.position_ids;
    job.type_ids = a.type_ids;
    job.rows = a.rows;
    job.tile_rows = TILE_ROWS;
    job.timesteps = timesteps;
    return job;
}

void run(leanspike_context *context, embedding_job &job, kernel<embedding_job> encode) {
    ScratchPlan scratch;
    job.row_at = scratch.add((job.word.cols + 63) / 64 * 64 * 4);
    context->pool.run((job.rows + job.tile_rows - 1) / job.tile_rows, scratch.bytes(),
                      [&](int64_t tile, unsigned char *memory) { encode(job, tile, memory); });
}

} // namespace

extern "C" int32_t leanspike_spike_encode(leanspike_context *context, const leanspike_spike_encode_args *args) {
    return guarded("spike_encode", [&] {
        require_pointer(context, "context");
        require_pointer(args, "args");
        require_timesteps(args->timesteps);
        require_neuron(args->neuron);
        require_pointer(args->spikes, "spikes");
        embedding_job job = make_job(*args, args->timesteps);
        job.spikes = args->spikes;
        run(context, job, context->kernels.spike_encode);
    });
}

extern "C" int32_t leanspike_rate_encode(leanspike_context *context, const leanspike_rate_encode_args *args) {
    return guarded("rate_encode", [&] {
        require_pointer(context, "context");
        require_pointer(args, "args");
        require_threshold(args->neuron);
        require_pointer(args->rates, "rates");
        embedding_job job = make_job(*args, 1);
        job.rates = args->rates;
        run(context, job, context->kernels.rate_encode);
    });
}
