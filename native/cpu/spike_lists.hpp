// Which inputs spike, as lists: what the products that add a weight row for each spike walk along.
//
// A block is 256 inputs. Its list names, row after row, the inputs that spike, in rising order; and the rows are sorted by how many they are.
// Walking set bits instead costs a mispredicted branch at the end of each word, more than the additions themselves where few units
// spike; of rows in this order, nearly every one has as many spikes as the one before. Lists are made once for a tile of rows and
// serve all its panels. Sums do not depend on it: each row's spikes keep their order.
#pragma once

#include "product.hpp"

namespace leanspike::LEANSPIKE_VARIANT {
namespace {

constexpr int64_t LIST_WORDS = 4;                // of a block
constexpr int64_t LIST_INPUTS = LIST_WORDS * 64; // of a block

// A row and how many inputs of the block spike in it.
struct ListedRow {
    int32_t row, count;
};

class SpikeLists {
  public:
    // memory: for `held` blocks at once, each `most_rows` times a ListedRow and LIST_INPUTS bytes; and 64 bytes that are written beyond.
    SpikeLists(const leanspike_spike_matmul_args &args, int64_t most_rows, int64_t held, unsigned char *memory)
        : a(args), words_(words_of(args.inputs)), most_rows_(most_rows), held_(held), listed_(reinterpret_cast<ListedRow *>(memory)),
          inputs_(memory + held * most_rows * static_cast<int64_t>(sizeof(ListedRow))) {}

    int64_t blocks() const { return (words_ + LIST_WORDS - 1) / LIST_WORDS; }

    // body(block, its rows, its inputs) for all blocks in order.
    template <class Body>
    void each_block(const Rows &rows, const Body &body) {
        for (int64_t first = 0; first < blocks(); first += held_) {
            const int64_t count = blocks() - first < held_ ? blocks() - first : held_;
            if (first != first_ || rows.t0 != t0_) {
                for (int64_t i = 0; i < count; ++i) list(rows, first + i, i);
                first_ = first;
                t0_ = rows.t0;
            }
            for (int64_t i = 0; i < count; ++i) body(first + i, listed_ + i * most_rows_, inputs_ + i * most_rows_ * LIST_INPUTS);
        }
    }

  private:
    [[gnu::noinline]] void list(const Rows &rows, int64_t block, int64_t place) {
        const int64_t first = block * LIST_WORDS;
        const int64_t words = words_ - first < LIST_WORDS ? words_ - first : LIST_WORDS;
        const uint64_t inside = first + words < words_ ? ~uint64_t{0} : low_bits(a.inputs - (words_ - 1) * 64); // stray spikes meet no weight
        const uint64_t *spikes = spikes_in(a, rows, 0) + first;
        const auto words_at = [&](int64_t row) {
            return spikes + (rows.timesteps == a.timesteps ? row : row / rows.timesteps * a.timesteps + row % rows.timesteps) * words_;
        };
        const auto count_at = [&](const uint64_t *at) {
            int32_t count = __builtin_popcountll(at[words - 1] & inside);
            for (int64_t w = 0; w + 1 < words; ++w) count += __builtin_popcountll(at[w]);
            return count;
        };
        ListedRow *listed = listed_ + place * most_rows_;
        int32_t starts[LIST_INPUTS + 2] = {}; // where the rows with so many spikes start
        for (int64_t row = 0; row < rows.count(); ++row) ++starts[count_at(words_at(row)) + 1];
        for (int64_t count = 0; count <= LIST_INPUTS; ++count) starts[count + 1] += starts[count];
        for (int64_t row = 0; row < rows.count(); ++row) {
            const int32_t count = count_at(words_at(row));
            listed[starts[count]++] = {static_cast<int32_t>(row), count};
        }
        uint8_t *inputs = inputs_ + place * most_rows_ * LIST_INPUTS;
        for (int64_t i = 0; i < rows.count(); ++i) {
            const uint64_t *at = words_at(listed[i].row);
            for (int64_t w = 0; w < words; ++w)
                inputs = list_bits(w + 1 < words ? at[w] : at[w] & inside, static_cast<uint8_t>(64 * w), inputs);
        }
    }

    const leanspike_spike_matmul_args &a;
    const int64_t words_, most_rows_, held_;
    ListedRow *const listed_;
    uint8_t *const inputs_;
    int64_t first_ = -1, t0_ = -1; // of what is listed
};

} // namespace
} // namespace leanspike::LEANSPIKE_VARIANT
