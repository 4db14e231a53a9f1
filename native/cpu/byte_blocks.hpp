// Weights as bytes, packed[panel][input, whole words][64], cut into blocks of 256 inputs x one or two panels: what the products that add a
// weight row for each spike pass over all rows of a tile, and the order in which they do.
//
// Fast     Which weights a row adds is known only when its spikes are, and no two rows add the same: fetched one by one they cost more than
//          adding them, unless many rows do. So the block that comes next is fetched as a whole into the second-level cache while the rows pass
//          over the one before.
#pragma once

#include "product.hpp"
#include "spike_lists.hpp"

namespace leanspike::LEANSPIKE_VARIANT {
namespace {

// One block; bytes: of each of its panels, which lie panel_bytes apart.
struct ByteBlock {
    const int8_t *weights;
    int64_t bytes, panel_bytes;

    // A row's share of the block.
    void prefetch(int panels, int64_t row, int64_t rows) const {
        for (int p = 0; p < panels; ++p) prefetch_share(weights + p * panel_bytes, bytes, row, rows);
    }
};

class ByteBlocks {
  public:
    // Of `count` panels from `first` on.
    ByteBlocks(const leanspike_spike_matmul_args &a, int64_t first, int64_t count)
        : packed_(static_cast<const int8_t *>(a.packed)), inputs_(words_of(a.inputs) * 64), panels_(words_of(a.outputs)), first_(first), end_(first + count) {}

    // body.operator()<panels>(panel, block, the one that is next) for the panels of a block, at most MOST together.
    template <int MOST, class Body>
    void each(int64_t block, const Body &body) const {
        int64_t p = first_;
        for (; p + MOST <= end_; p += MOST) body.template operator()<MOST>(p, at(p, block), after(p + MOST, block));
        for (; p < end_; ++p) body.template operator()<1>(p, at(p, block), after(p + 1, block));
    }

  private:
    ByteBlock at(int64_t panel, int64_t block) const {
        const int64_t left = inputs_ - block * LIST_INPUTS;
        return {packed_ + (panel * inputs_ + block * LIST_INPUTS) * PANEL, (left < LIST_INPUTS ? left : LIST_INPUTS) * PANEL, inputs_ * PANEL};
    }

    // What comes once panels up to `panel` are done: the next panels in this block, these panels in the next block, the first block of the panels
    // behind these; nothing behind the last.
    ByteBlock after(int64_t panel, int64_t block) const {
        if (panel < end_) return at(panel, block);
        if ((block + 1) * LIST_INPUTS < inputs_) return at(first_, block + 1);
        return end_ < panels_ ? at(end_, 0) : ByteBlock{packed_, 0, 0};
    }

    const int8_t *packed_;
    int64_t inputs_, panels_, first_, end_;
};

} // namespace
} // namespace leanspike::LEANSPIKE_VARIANT
