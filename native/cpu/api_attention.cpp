// spiking_attention and rate_attention: checks, then blocks of queries x heads.
#include <cstring>
#include <vector>

#include "context.hpp"
#include "validation.hpp"

using namespace leanspike;

namespace {

struct Largest {
    int64_t key_dims, value_dims, keys;
};

template <class Args>
Largest require_attention(const Args &a, int64_t timesteps) {
    require_extent(a.rows, "rows");
    require_extent(a.sequences, "sequences");
    require_extent(a.heads, "heads");
    require_finite(a.scale, "scale");
    require_pointer(a.query, "query");
    require_pointer(a.key, "key");
    require_pointer(a.value, "value");
    const Largest largest = {
        require_offsets(a.key_offsets, a.heads, Parts::MAY_BE_EMPTY, "key_offsets"),
        require_offsets(a.value_offsets, a.heads, Parts::MAY_BE_EMPTY, "value_offsets"),
        require_offsets(a.row_offsets, a.sequences, a.rows, Parts::MAY_BE_EMPTY, "row_offsets"),
    };
    require_extent(a.key_offsets[a.heads], "key_offsets[heads]");
    require_extent(a.value_offsets[a.heads], "value_offsets[heads]");
    require_countable(a.rows, timesteps, a.key_offsets[a.heads]);
    require_countable(a.rows, timesteps, a.value_offsets[a.heads]);
    return largest;
}

// Blocks of at most `size` queries, no block across two sequences.
struct QueryBlocks {
    std::vector<int32_t> sequence, start;
    int32_t size;

    QueryBlocks(const int32_t *row_offsets, int32_t sequences, int32_t block_size) : size(block_size) {
        for (int32_t b = 0; b < sequences; ++b)
            for (int32_t at = 0; at < row_offsets[b + 1] - row_offsets[b]; at += size) {
                sequence.push_back(b);
                start.push_back(at);
            }
    }

    attention_blocks view() const { return {static_cast<int64_t>(sequence.size()), sequence.data(), start.data(), size}; }
};

int64_t words_of(int64_t width) { return (width + 63) / 64; }

} // namespace

extern "C" int32_t leanspike_spiking_attention(leanspike_context *context, const leanspike_spiking_attention_args *args) {
    return guarded("spiking_attention", [&] {
        require_pointer(context, "context");
        require_pointer(args, "args");
        const leanspike_spiking_attention_args &a = *args;
        require_timesteps(a.timesteps);
        require_neuron(a.neuron);
        require_pointer(a.spikes, "spikes");
        const Largest largest = require_attention(a, a.timesteps);
        const QueryBlocks blocks(a.row_offsets, a.sequences, context->kernels.query_block);
        const int64_t block_row = blocks.size * 4;
        ScratchPlan scratch;
        spiking_attention_job job = {};
        job.args = args;
        job.blocks = blocks.view();
        job.live_at = scratch.add(largest.keys * 4);
        job.key_bits_at = scratch.add(largest.keys * words_of(largest.key_dims) * 8);
        job.value_bits_at = scratch.add(words_of(largest.value_dims) * 64 * words_of(largest.keys) * 8);
        job.query_at = scratch.add(words_of(largest.key_dims) * 64 * block_row);
        job.weights_at = scratch.add(largest.keys * block_row);
        job.context_at = scratch.add(words_of(largest.value_dims) * 64 * block_row);
        job.membranes_at = scratch.add(words_of(largest.value_dims) * 64 * block_row);
        // Heads that share a word set their own bits in it.
        std::memset(a.spikes, 0, static_cast<size_t>(a.rows * a.timesteps * words_of(a.value_offsets[a.heads]) * 8));
        context->pool.run(job.blocks.count * a.heads, scratch.bytes(),
                          [&](int64_t item, unsigned char *memory) { context->kernels.spiking_attention(job, item, memory); });
    });
}

extern "C" int32_t leanspike_rate_attention(leanspike_context *context, const leanspike_rate_attention_args *args) {
    return guarded("rate_attention", [&] {
        require_pointer(context, "context");
        require_pointer(args, "args");
        const leanspike_rate_attention_args &a = *args;
        require_threshold(a.neuron);
        require_pointer(a.rates, "rates");
        const Largest largest = require_attention(a, 1);
        const QueryBlocks blocks(a.row_offsets, a.sequences, context->kernels.query_block);
        const int64_t block_row = blocks.size * 4;
        ScratchPlan scratch;
        rate_attention_job job = {};
        job.args = args;
        job.blocks = blocks.view();
        job.live_at = scratch.add(largest.keys * 4);
        job.query_at = scratch.add(words_of(largest.key_dims) * 64 * block_row);
        job.weights_at = scratch.add(largest.keys * block_row);
        job.context_at = scratch.add(words_of(largest.value_dims) * 64 * block_row);
        context->pool.run(job.blocks.count * a.heads, scratch.bytes(),
                          [&](int64_t item, unsigned char *memory) { context->kernels.rate_attention(job, item, memory); });
    });
}
