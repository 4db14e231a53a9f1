// The kernels' elementary functions in this variant, for numerics.cpp.
#include "bit_matrix.hpp"
#include "exp2.hpp"
#include "gelu.hpp"

namespace leanspike::LEANSPIKE_VARIANT {

// count: a multiple of 16, the widest variant's lanes.
void gelu_of(const float *x, float *y, int64_t count) {
    for (int64_t i = 0; i < count; i += LANES) store_any(y + i, gelu(load_any(x + i)));
}

void exp2_of(const float *x, float *y, int64_t count) {
    for (int64_t i = 0; i < count; i += LANES) store_any(y + i, exp2_of_negative(load_any(x + i)));
}

void transposed_bits(uint64_t (&matrix)[64]) { transpose_bits(matrix); }

uint64_t bits_from(const uint64_t *row, int64_t at, int64_t n) { return bits_at(row, at, n); }

} // namespace leanspike::LEANSPIKE_VARIANT
