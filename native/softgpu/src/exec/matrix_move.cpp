// ldmatrix, stmatrix, movmatrix: 8×8 matrices of 16-bit elements between shared memory and the fragments of a warp. Lane l gives
// the address of row l mod 8 of matrix l / 8; lane i holds elements 2(i mod 4) and the next of row i / 4.
#include "addressing.h"
#include "families.h"

namespace softgpu::SOFTGPU_ISA {
namespace {

bool whole_warp(Warp &w, const Instruction &in) {
    if (w.exec == all_lanes) return true;
    if (w.alive != all_lanes) raise(w, in, std::countr_zero(w.exec), 719, "a matrix instruction needs all 32 lanes of the warp");
    return convene(w, in, all_lanes, Wait::Exchange);
}

// The two elements that lane i holds, as [row][column].
template <bool Transposed> void place(int i, int e, int &row, int &column) {
    row = Transposed ? i % 4 * 2 + e : i / 4;
    column = Transposed ? i / 4 : i % 4 * 2 + e;
}

uint32_t row_lanes(const Instruction &in) { return in.count == 4 ? all_lanes : (1u << (8 * in.count)) - 1; }

template <bool Transposed> void load(Warp &w, const Instruction &in) {
    if (!whole_warp(w, in)) return;
    Lanes at;
    read_addresses(w, in, at.address);
    if (in.space == AccessSpace::Generic)
        for (int i = 0; i < lanes; i++) at.address[i] -= shared_window;
    resolve_shared<Access::Read>(w, in, at, row_lanes(in), 16);
    uint32_t result[4][lanes];
    for (int m = 0; m < in.count; m++)
        for (int i = 0; i < lanes; i++) {
            uint16_t pair[2];
            for (int e = 0; e < 2; e++) {
                int row, column;
                place<Transposed>(i, e, row, column);
                __builtin_memcpy(&pair[e], at.host[m * 8 + row] + 2 * column, 2);
            }
            result[m][i] = uint32_t(pair[1]) << 16 | pair[0];
        }
    for (int m = 0; m < in.count; m++) __builtin_memcpy(lanes_at<uint32_t>(w, w.pool[in.pool + m]), result[m], sizeof result[m]);
}

template <bool Transposed> void store(Warp &w, const Instruction &in) {
    if (!whole_warp(w, in)) return;
    Lanes at;
    read_addresses(w, in, at.address);
    if (in.space == AccessSpace::Generic)
        for (int i = 0; i < lanes; i++) at.address[i] -= shared_window;
    resolve_shared<Access::Write>(w, in, at, row_lanes(in), 16);
    for (int m = 0; m < in.count; m++) {
        const uint32_t *s = lanes_at<uint32_t>(w, w.pool[in.pool + m]);
        for (int i = 0; i < lanes; i++)
            for (int e = 0; e < 2; e++) {
                int row, column;
                place<Transposed>(i, e, row, column);
                uint16_t element = uint16_t(s[i] >> (16 * e));
                __builtin_memcpy(at.host[m * 8 + row] + 2 * column, &element, 2);
            }
    }
}

void transpose(Warp &w, const Instruction &in) {
    if (!whole_warp(w, in)) return;
    const uint32_t *s = lanes_at<uint32_t>(w, in.operand[1]);
    uint16_t matrix[8][8];
    for (int i = 0; i < lanes; i++)
        for (int e = 0; e < 2; e++) matrix[i / 4][i % 4 * 2 + e] = uint16_t(s[i] >> (16 * e));
    uint32_t *d = lanes_at<uint32_t>(w, in.operand[0]);
    for (int i = 0; i < lanes; i++) d[i] = uint32_t(matrix[i % 4 * 2 + 1][i / 4]) << 16 | matrix[i % 4 * 2][i / 4];
}

} // namespace

Handler matrix_load_handler(bool transposed) { return transposed ? load<true> : load<false>; }
Handler matrix_store_handler(bool transposed) { return transposed ? store<true> : store<false>; }
Handler matrix_move_handler() { return transpose; }

} // namespace softgpu::SOFTGPU_ISA
