// A decoded instruction: the function that executes it for a warp, and where its operands lie. No PTX text is read at run time.
//
// Operands are byte offsets. A register is an array of 32 lanes inside the warp's register frame; a predicate is one 32-bit mask;
// a literal is an array of 32 equal lanes among the program's constants (offset with the top bit set).
#pragma once

#include <cstdint>

namespace softgpu {

struct Warp;
struct Instruction;
using Handler = void (*)(Warp &, const Instruction &);

inline constexpr uint32_t constant_operand = 0x80000000u;
inline constexpr uint32_t no_operand = 0xffffffffu;

// What an instruction is counted as.
enum class Kind : uint8_t {
    Integer, Float, Half, Double, Compare, Move, Conversion, Matrix, MatrixLoad, LoadGlobal, StoreGlobal, LoadShared, StoreShared,
    LoadLocal, StoreLocal, LoadConstant, Atomic, AsyncCopy, Exchange, Barrier, Fence, Control, Synthetic, Count
};

enum class AccessSpace : uint8_t { Global, Shared, Local, Param, KernelParam, Generic, None };

struct Instruction {
    Handler run = nullptr;
    Handler inner = nullptr;      // wrapped by run: directed rounding
    uint32_t operand[6] = {no_operand, no_operand, no_operand, no_operand, no_operand, no_operand};
    uint32_t pool = 0;            // first of its operands in the program's pool, where six are not enough
    uint32_t target = 0;          // branch: index of an instruction; call: of a routine
    int64_t immediate = 0;        // address displacement, lookup table, membership…
    uint32_t guard = no_operand;
    uint32_t line = 0;            // in the PTX text
    bool guard_negated = false;
    bool always = false;          // run even where the guard leaves no lane (branches look for lanes to rejoin)
    Kind kind = Kind::Integer;
    AccessSpace space = AccessSpace::None;
    uint8_t width = 0;            // memory: bytes of an element
    uint8_t count = 0;            // memory: elements of a vector; operands in the pool
    uint8_t register_width = 0;   // bytes of a lane of the destination or source register
    bool sign_extend = false;
    uint8_t mode = 0;             // rounding, comparison, variant of the operation
    uint8_t detail = 0;
};

} // namespace softgpu
