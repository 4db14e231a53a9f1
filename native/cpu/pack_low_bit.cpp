// pack_low_bit: bit planes [outputs, words of inputs] become what product_bytes.hpp and product_planes.hpp read.
//
// Layout   as those two say. Zero beyond either end in every form, so that kernels need no tail.
// Fast     it need not be; it runs once a weight matrix.
#include "operations.hpp"
#include "simd.hpp"

namespace leanspike::LEANSPIKE_VARIANT {
namespace {

// Word w of an output's row: bits of inputs beyond the last are zero, and all of outputs beyond the last.
struct Signs {
    uint64_t plus, minus;

    Signs(const leanspike_low_bit_matrix &m, int64_t output, int64_t w) : plus(0), minus(0) {
        if (output >= m.rows) return;
        const uint64_t inside = low_bits(m.cols - w * 64);
        const int64_t at = output * words_of(m.cols) + w;
        plus = m.plus[at] & inside;
        minus = (m.minus == nullptr ? ~m.plus[at] : m.minus[at]) & inside;
    }
};

} // namespace

void pack_low_bit(const pack_low_bit_job &job, int64_t panel, unsigned char *) {
    const leanspike_low_bit_matrix &m = *job.matrix;
    const int64_t words = words_of(m.cols);
    const int64_t planes = job.weights == LEANSPIKE_WEIGHTS_BINARY_PLANE ? 1 : 2;
    int8_t *bytes = reinterpret_cast<int8_t *>(job.packed) + panel * words * 64 * PANEL;
    uint64_t *bits = reinterpret_cast<uint64_t *>(job.packed) + panel * words * planes * PANEL;
    for (int64_t w = 0; w < words; ++w)
        for (int64_t j = 0; j < PANEL; ++j) {
            const Signs signs(m, panel * PANEL + j, w);
            if (job.weights == LEANSPIKE_WEIGHTS_BYTES) {
                for (int64_t k = 0; k < 64; ++k)
                    bytes[(w * 64 + k) * PANEL + j] = static_cast<int8_t>((signs.plus >> k & 1) != 0 ? 1 : (signs.minus >> k & 1) != 0 ? -1 : 0);
                continue;
            }
            bits[w * planes * PANEL + j] = signs.plus;
            if (planes == 2) bits[(w * planes + 1) * PANEL + j] = signs.minus;
        }
}

} // namespace leanspike::LEANSPIKE_VARIANT
