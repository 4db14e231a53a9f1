// Stored matrix elements as float32: F32, F16, BF16, I8 with a scale a row.
#pragma once

#include "leanspike.h"
#include "simd.hpp"

namespace leanspike::LEANSPIKE_VARIANT {
namespace {

inline int64_t element_bytes(int32_t type) { return type == LEANSPIKE_F32 ? 4 : type == LEANSPIKE_I8 ? 1 : 2; }

inline Vec load_elements(const unsigned char *p, int32_t type, Vec scale) {
    switch (type) {
    case LEANSPIKE_F32: return load_any(reinterpret_cast<const float *>(p));
    case LEANSPIKE_F16: return load_half(reinterpret_cast<const uint16_t *>(p));
    case LEANSPIKE_BF16: return load_bfloat(reinterpret_cast<const uint16_t *>(p));
    default: return load_int8(reinterpret_cast<const int8_t *>(p)) * scale;
    }
}

// use(j, x) for the vectors of columns column + j, j = 0, LANES .. below count, of one row; lanes from count on are zero.
template <class Use>
inline void each_vector(const leanspike_matrix &m, int64_t row, int64_t column, int64_t count, Use use) {
    const int64_t bytes = element_bytes(m.type);
    const unsigned char *elements = static_cast<const unsigned char *>(m.elements) + (row * m.cols + column) * bytes;
    const Vec scale = broadcast(m.type == LEANSPIKE_I8 ? m.scale[row] : 1.0f);
    int64_t j = 0;
    for (; j + LANES <= count; j += LANES) use(j, load_elements(elements + j * bytes, m.type, scale));
    if (j < count) {
        alignas(64) unsigned char tail[LANES * 4] = {};
        for (int64_t b = 0; b < (count - j) * bytes; ++b) tail[b] = elements[j * bytes + b];
        use(j, load_elements(tail, m.type, scale));
    }
}

} // namespace
} // namespace leanspike::LEANSPIKE_VARIANT
