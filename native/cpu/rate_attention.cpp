// rate_attention: attention over real rates, context clamped to the equilibrium rate.
//
// Layout   query, key, value and out are float32 [row][width]; a head's columns start anywhere.
// Fast     queries are the lanes, as in spiking_attention: keys and values are broadcast scalars, the transposed queries and the
//          attention weights stay in cache, and softmax needs no reduction across lanes.
#include "attention.hpp"
#include "neuron.hpp"
#include "operations.hpp"

namespace leanspike::LEANSPIKE_VARIANT {
namespace {

struct RateHeadBlock {
    const leanspike_rate_attention_args &a;
    int64_t first_row, first_query, queries;
    int64_t key_begin, key_dims;
    int64_t value_begin, value_dims;
    const int32_t *live;
    int64_t keys;
    float *query, *weights, *context;

    template <int VECS>
    void score(Vec (&peak)[VECS]) const {
        for (int v = 0; v < VECS; ++v) peak[v] = broadcast(-__builtin_inff());
        for (int64_t j = 0; j < keys; ++j) {
            const float *key = a.key + (first_row + live[j]) * a.key_offsets[a.heads] + key_begin;
            Vec acc[VECS];
            for (int v = 0; v < VECS; ++v) acc[v] = zero();
            for (int64_t d = 0; d < key_dims; ++d)
                for (int v = 0; v < VECS; ++v) acc[v] = fma(broadcast(key[d]), load(query + (d * VECS + v) * LANES), acc[v]);
            for (int v = 0; v < VECS; ++v) {
                peak[v] = maximum(peak[v], acc[v]);
                store(weights + (j * VECS + v) * LANES, acc[v]);
            }
        }
    }

    template <int VECS>
    void weigh(const Vec (&sum)[VECS]) const {
        const int64_t width = a.value_offsets[a.heads];
        const Vec threshold = broadcast(a.neuron.threshold);
        for (int64_t d = 0; d < value_dims; ++d) {
            const float *value = a.value + first_row * width + value_begin + d;
            Vec acc[VECS];
            for (int v = 0; v < VECS; ++v) acc[v] = zero();
            for (int64_t j = 0; j < keys; ++j)
                for (int v = 0; v < VECS; ++v) acc[v] = fma(broadcast(value[live[j] * width]), load(weights + (j * VECS + v) * LANES), acc[v]);
            for (int v = 0; v < VECS; ++v) store(context + (d * VECS + v) * LANES, rate(divide(acc[v], sum[v]), threshold));
        }
    }

    // context[unit][query] -> rates[query][unit]
    template <int VECS>
    void write() const {
        const int64_t width = a.value_offsets[a.heads];
        for (int64_t d = 0; d < value_dims; d += LANES)
            for (int v = 0; v < VECS; ++v) {
                Vec block[LANES];
                for (int i = 0; i < LANES; ++i) block[i] = d + i < value_dims ? load(context + ((d + i) * VECS + v) * LANES) : zero();
                transpose(block);
                for (int i = 0; i < LANES && v * LANES + i < queries; ++i)
                    store_first(a.rates + (first_row + first_query + v * LANES + i) * width + value_begin + d, value_dims - d, block[i]);
            }
    }

    template <int VECS>
    void run() const {
        const int64_t width = a.key_offsets[a.heads];
        const float *queries_at = a.query + (first_row + first_query) * width + key_begin;
        Vec peak[VECS], sum[VECS];
        transpose_queries<VECS>(queries_at, width, queries, key_dims, a.scale * LOG2_E, query);
        score(peak);
        for (int v = 0; v < VECS; ++v) sum[v] = zero();
        exponentiate(weights, 0, keys, peak, sum);
        weigh(sum);
        write<VECS>();
    }
};

} // namespace

void rate_attention(const rate_attention_job &job, int64_t item, unsigned char *scratch) {
    const leanspike_rate_attention_args &a = *job.args;
    const int64_t block = item / a.heads;
    const int64_t head = item % a.heads;
    const int32_t sequence = job.blocks.sequence[block];
    const int64_t begin = a.row_offsets[sequence];
    const int64_t end = a.row_offsets[sequence + 1];
    const int64_t first_query = job.blocks.start[block];
    const int64_t left = end - begin - first_query;
    int32_t *live = reinterpret_cast<int32_t *>(scratch + job.live_at);
    const RateHeadBlock work = {
        a,
        begin,
        first_query,
        left < job.blocks.size ? left : job.blocks.size,
        a.key_offsets[head],
        a.key_offsets[head + 1] - a.key_offsets[head],
        a.value_offsets[head],
        a.value_offsets[head + 1] - a.value_offsets[head],
        live,
        live_keys(a.live, begin, end, live),
        reinterpret_cast<float *>(scratch + job.query_at),
        reinterpret_cast<float *>(scratch + job.weights_at),
        reinterpret_cast<float *>(scratch + job.context_at),
    };
    with_query_vectors(work.queries, work);
}

} // namespace leanspike::LEANSPIKE_VARIANT
