// The functions that execute instructions, found by operation and type. Each family is compiled once per instruction set of the
// host; decoding asks the table of the set this machine has. A null answer means PTX has no such combination here.
#pragma once

#include "../ptx/type.h"
#include "instruction.h"

namespace softgpu {

enum class IntegerOp : uint8_t {
    Add, Sub, MulLo, MulHi, MulWide, Div, Rem, Min, Max, And, Or, Xor, Shl, Shr, Abs, Neg, Not, Cnot, Popc, Clz, Brev, Bfind,
    BfindShift, MadLo, MadHi, MadWide, MadHiSat, Bfe, Bfi, Sad, AddSat, SubSat, Mul24Lo, Mad24Lo, Copysign
};
enum class BitOp : uint8_t { Lop3, Prmt, ShfLeftWrap, ShfLeftClamp, ShfRightWrap, ShfRightClamp, Dp4a, Dp2a, BmskWrap, BmskClamp };
enum class CarryOp : uint8_t { Add, Sub, MadLo, MadHi };
enum class FloatOp : uint8_t {
    Add, Sub, Mul, Fma, Div, Rcp, Sqrt, Rsqrt, Ex2, Lg2, Sin, Cos, Tanh, Min, Max, MinNan, MaxNan, MinXorsign, MaxXorsign, Abs, Neg,
    Copysign
};
enum class Finish : uint8_t { Plain, Saturate, Relu }; // what is done to a floating-point result
enum class Comparison : uint8_t { Eq, Ne, Lt, Le, Gt, Ge, Equ, Neu, Ltu, Leu, Gtu, Geu, Num, Nan };
enum class Rounding : uint8_t { Nearest, Zero, Down, Up, NearestAway };
enum class ExchangeOp : uint8_t { ShuffleUp, ShuffleDown, ShuffleButterfly, ShuffleIndex, VoteAll, VoteAny, VoteUni, Ballot, MatchAny,
                                  MatchAll, ReduceAdd, ReduceMin, ReduceMax, ReduceAnd, ReduceOr, ReduceXor, Elect };
enum class AtomicOp : uint8_t { Add, Min, Max, And, Or, Xor, Exchange, CompareAndSwap, Inc, Dec };

// A shape of mma.sync. The fragment of every variant is made of 32-bit pieces laid out alike, so this is all that differs.
enum class Element : uint8_t { F16, BF16, TF32, F64, U8, S8, U4, S4, B1And, B1Xor };
struct MatrixShape {
    uint8_t m = 0, n = 0;
    uint16_t k = 0;
    Element a = Element::F16, b = Element::F16;
    Type result = Type::F32;
    bool saturate = false;
};

struct HandlerTable {
    const char *name;
    Handler (*integer)(IntegerOp, Type);
    Handler (*bits)(BitOp, Type a, Type b);
    Handler (*carry)(CarryOp, Type, bool in, bool out);
    Handler (*floating)(FloatOp, Type, Finish, bool flush);
    Handler (*directed_rounding)();                 // sets the rounding of mode, runs inner
    Handler (*compare)(Comparison, Type, bool flush); // setp
    Handler (*compare_value)();                     // set: selects operand 2 or 3 by the mask in operand 1
    Handler (*test_number)(uint8_t what, Type);     // testp
    Handler (*select)(uint32_t bytes);
    Handler (*select_by_sign)(uint32_t bytes, Type sign); // slct
    Handler (*move)(uint32_t bytes);
    Handler (*predicate_logic)(IntegerOp);
    Handler (*pack)();
    Handler (*convert)(Type to, Type from, bool same_width);
    Handler (*convert_pair)(Type to);
    Handler (*load)(AccessSpace);
    Handler (*store)(AccessSpace);
    Handler (*atomic)(AtomicOp, Type);
    Handler (*copy_async)();
    Handler (*matrix_load)(bool transposed);
    Handler (*matrix_store)(bool transposed);
    Handler (*matrix_move)();
    Handler (*matrix)(const MatrixShape &);
    Handler (*exchange)(ExchangeOp, Type);
};

const HandlerTable &handlers();

} // namespace softgpu
