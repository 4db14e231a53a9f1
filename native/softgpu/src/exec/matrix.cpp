// mma.sync. Every variant cuts its rows and columns into 32-bit pieces and hands piece c of row r to lane 4·(r mod 8) + c mod 4,
// so one gathering serves all element types; only what a piece holds differs. Floating-point sums are made in double and rounded
// once; hardware's own order and precision are not specified.
#include "block.h"
#include "families.h"
#include "half.h"
#include "lanes.h"

namespace softgpu::SOFTGPU_ISA {
namespace {

constexpr int columns = 8;

// mode: rows (8 or 16); width: 32-bit pieces in k (4 or 8). The pool holds D, A, B, C in this order.
struct Operands {
    const uint32_t *d, *a, *b, *c;
    Operands(Warp &w, const Instruction &in, int results) {
        int a_count = in.width / 4 * (in.mode / 8), b_count = in.width / 4;
        d = w.pool + in.pool;
        a = d + results;
        b = a + a_count;
        c = b + b_count;
    }
};

bool whole_warp(Warp &w, const Instruction &in) {
    if (w.exec == all_lanes) return true;
    if (w.alive != all_lanes) raise(w, in, std::countr_zero(w.exec), 719, "a matrix instruction needs all 32 lanes of the warp");
    return convene(w, in, all_lanes, Wait::Exchange);
}

// rows[r][piece] and columns[c][piece]
void gather(Warp &w, const Instruction &in, const Operands &at, uint32_t (*rows)[8], uint32_t (*cols)[8]) {
    int tall = in.mode / 8;
    for (int part = 0; part < in.width / 4; part++) {
        for (int half = 0; half < tall; half++) {
            const uint32_t *a = lanes_at<uint32_t>(w, at.a[part * tall + half]);
            for (int i = 0; i < lanes; i++) rows[half * 8 + i / 4][part * 4 + i % 4] = a[i];
        }
        const uint32_t *b = lanes_at<uint32_t>(w, at.b[part]);
        for (int i = 0; i < lanes; i++) cols[i / 4][part * 4 + i % 4] = b[i];
    }
}

template <class T> void read_pairs(Warp &w, const uint32_t *operands, int rows, T (*matrix)[columns]) { // 32-bit accumulators
    for (int half = 0; half < rows / 8; half++)
        for (int e = 0; e < 2; e++) {
            const T *c = lanes_at<T>(w, operands[half * 2 + e]);
            for (int i = 0; i < lanes; i++) matrix[half * 8 + i / 4][i % 4 * 2 + e] = c[i];
        }
}
template <class T> void write_pairs(Warp &w, const uint32_t *operands, int rows, const T (*matrix)[columns]) {
    for (int half = 0; half < rows / 8; half++)
        for (int e = 0; e < 2; e++) {
            T *d = lanes_at<T>(w, operands[half * 2 + e]);
            for (int i = 0; i < lanes; i++) d[i] = matrix[half * 8 + i / 4][i % 4 * 2 + e];
        }
}

template <Element E> constexpr int per_piece = E == Element::TF32 ? 1 : E == Element::F16 || E == Element::BF16 ? 2
                                               : E == Element::U8 || E == Element::S8 ? 4 : 8;

template <Element E> double real(uint32_t piece, int e) {
    if constexpr (E == Element::F16) return f16_to_f32(uint16_t(piece >> (16 * e)));
    else if constexpr (E == Element::BF16) return bf16_to_f32(uint16_t(piece >> (16 * e)));
    else return std::bit_cast<float>(piece & ~0x1fffu); // tf32: the lower 13 bits do not count
}
template <Element E> int32_t whole(uint32_t piece, int e) {
    if constexpr (E == Element::U8) return uint8_t(piece >> (8 * e));
    else if constexpr (E == Element::S8) return int8_t(piece >> (8 * e));
    else if constexpr (E == Element::U4) return piece >> (4 * e) & 15;
    else return int32_t(piece << (28 - 4 * e)) >> 28;
}

template <Element E> void sum_products(const Instruction &in, const uint32_t (*rows)[8], const uint32_t (*cols)[8], double (*sums)[columns]) {
    constexpr int n = per_piece<E>;
    double b[8 * n][columns];
    for (int p = 0; p < in.width; p++)
        for (int e = 0; e < n; e++)
            for (int j = 0; j < columns; j++) b[p * n + e][j] = real<E>(cols[j][p], e);
    for (int i = 0; i < in.mode; i++) {
        double sum[columns];
        for (int j = 0; j < columns; j++) sum[j] = sums[i][j];
        for (int p = 0; p < in.width; p++)
            for (int e = 0; e < n; e++) {
                double a = real<E>(rows[i][p], e);
                for (int j = 0; j < columns; j++) sum[j] += a * b[p * n + e][j];
            }
        for (int j = 0; j < columns; j++) sums[i][j] = sum[j];
    }
}

template <Element E> void multiply_to_f32(Warp &w, const Instruction &in) {
    if (!whole_warp(w, in)) return;
    Operands at(w, in, in.mode / 4);
    uint32_t rows[16][8], cols[columns][8];
    float c[16][columns] = {};
    double sums[16][columns];
    gather(w, in, at, rows, cols);
    read_pairs(w, at.c, in.mode, c);
    for (int i = 0; i < in.mode; i++)
        for (int j = 0; j < columns; j++) sums[i][j] = c[i][j];
    sum_products<E>(in, rows, cols, sums);
    for (int i = 0; i < in.mode; i++)
        for (int j = 0; j < columns; j++) c[i][j] = float(sums[i][j]);
    write_pairs<float>(w, at.d, in.mode, c);
}

// Two f16 results share a register.
template <Element E> void multiply_to_f16(Warp &w, const Instruction &in) {
    if (!whole_warp(w, in)) return;
    Operands at(w, in, in.mode / 8);
    uint32_t rows[16][8], cols[columns][8];
    double sums[16][columns];
    gather(w, in, at, rows, cols);
    for (int half = 0; half < in.mode / 8; half++) {
        const uint32_t *c = lanes_at<uint32_t>(w, at.c[half]);
        for (int i = 0; i < lanes; i++)
            for (int e = 0; e < 2; e++) sums[half * 8 + i / 4][i % 4 * 2 + e] = f16_to_f32(uint16_t(c[i] >> (16 * e)));
    }
    sum_products<E>(in, rows, cols, sums);
    for (int half = 0; half < in.mode / 8; half++) {
        uint32_t *d = lanes_at<uint32_t>(w, at.d[half]);
        for (int i = 0; i < lanes; i++) {
            const double *pair = &sums[half * 8 + i / 4][i % 4 * 2];
            d[i] = uint32_t(f32_to_f16(to_odd(pair[1]))) << 16 | f32_to_f16(to_odd(pair[0]));
        }
    }
}

template <class Sum> int32_t settled(Sum sum) {
    if constexpr (sizeof(Sum) == 4) return int32_t(sum);
    else return sum > 0x7fffffff ? 0x7fffffff : sum < -int64_t(0x80000000) ? int32_t(-0x7fffffff - 1) : int32_t(sum);
}

// Sum: uint32_t wraps, int64_t is clamped at the end.
template <Element A, Element B, class Sum> void multiply_whole(Warp &w, const Instruction &in) {
    if (!whole_warp(w, in)) return;
    Operands at(w, in, in.mode / 4);
    constexpr int n = per_piece<A>;
    uint32_t rows[16][8], cols[columns][8];
    int32_t c[16][columns] = {}, b[8 * n][columns];
    gather(w, in, at, rows, cols);
    read_pairs(w, at.c, in.mode, c);
    for (int p = 0; p < in.width; p++)
        for (int e = 0; e < n; e++)
            for (int j = 0; j < columns; j++) b[p * n + e][j] = whole<B>(cols[j][p], e);
    for (int i = 0; i < in.mode; i++) {
        Sum sum[columns];
        for (int j = 0; j < columns; j++) sum[j] = Sum(c[i][j]);
        for (int p = 0; p < in.width; p++)
            for (int e = 0; e < n; e++) {
                int32_t a = whole<A>(rows[i][p], e);
                for (int j = 0; j < columns; j++) sum[j] += Sum(a * b[p * n + e][j]);
            }
        for (int j = 0; j < columns; j++) c[i][j] = settled(sum[j]);
    }
    write_pairs<int32_t>(w, at.d, in.mode, c);
}

template <bool Xor> void multiply_bits(Warp &w, const Instruction &in) {
    if (!whole_warp(w, in)) return;
    Operands at(w, in, in.mode / 4);
    uint32_t rows[16][8], cols[columns][8];
    int32_t c[16][columns] = {};
    gather(w, in, at, rows, cols);
    read_pairs(w, at.c, in.mode, c);
    for (int i = 0; i < in.mode; i++)
        for (int j = 0; j < columns; j++) {
            uint32_t count = 0;
            for (int p = 0; p < in.width; p++) count += uint32_t(std::popcount(Xor ? rows[i][p] ^ cols[j][p] : rows[i][p] & cols[j][p]));
            c[i][j] = int32_t(uint32_t(c[i][j]) + count);
        }
    write_pairs<int32_t>(w, at.d, in.mode, c);
}

// m8n8k4 in f64: one element of A and B a lane.
void multiply_f64(Warp &w, const Instruction &in) {
    if (!whole_warp(w, in)) return;
    const uint32_t *at = w.pool + in.pool; // D0 D1 A B C0 C1
    const double *a = lanes_at<double>(w, at[2]), *b = lanes_at<double>(w, at[3]);
    double d[2][lanes];
    for (int e = 0; e < 2; e++) {
        const double *c = lanes_at<double>(w, at[4 + e]);
        for (int i = 0; i < lanes; i++) {
            double sum = c[i];
            for (int k = 0; k < 4; k++) sum = __builtin_fma(a[i / 4 * 4 + k], b[(i % 4 * 2 + e) * 4 + k], sum);
            d[e][i] = sum;
        }
    }
    for (int e = 0; e < 2; e++) __builtin_memcpy(lanes_at<double>(w, at[e]), d[e], sizeof d[e]);
}

template <Element A, Element B> Handler whole_numbers(bool saturate) {
    return saturate ? multiply_whole<A, B, int64_t> : multiply_whole<A, B, uint32_t>;
}

} // namespace

Handler matrix_handler(const MatrixShape &s) {
    switch (s.a) {
    case Element::F16: return s.result == Type::F16 ? multiply_to_f16<Element::F16> : multiply_to_f32<Element::F16>;
    case Element::BF16: return multiply_to_f32<Element::BF16>;
    case Element::TF32: return multiply_to_f32<Element::TF32>;
    case Element::F64: return multiply_f64;
    case Element::U8:
        return s.b == Element::U8 ? whole_numbers<Element::U8, Element::U8>(s.saturate) : whole_numbers<Element::U8, Element::S8>(s.saturate);
    case Element::S8:
        return s.b == Element::U8 ? whole_numbers<Element::S8, Element::U8>(s.saturate) : whole_numbers<Element::S8, Element::S8>(s.saturate);
    case Element::U4:
        return s.b == Element::U4 ? whole_numbers<Element::U4, Element::U4>(s.saturate) : whole_numbers<Element::U4, Element::S4>(s.saturate);
    case Element::S4:
        return s.b == Element::U4 ? whole_numbers<Element::S4, Element::U4>(s.saturate) : whole_numbers<Element::S4, Element::S4>(s.saturate);
    case Element::B1And: return multiply_bits<false>;
    case Element::B1Xor: return multiply_bits<true>;
    }
    return nullptr;
}

} // namespace softgpu::SOFTGPU_ISA
