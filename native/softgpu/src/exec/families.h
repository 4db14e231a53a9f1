// What each family of one instruction set offers to the handler table.
#pragma once

#include "handlers.h"

#ifndef SOFTGPU_ISA
#error "compile this file once per instruction set with SOFTGPU_ISA=<name>"
#endif

namespace softgpu::SOFTGPU_ISA {

Handler integer_handler(IntegerOp, Type);
Handler bit_handler(BitOp, Type a, Type b);
Handler carry_handler(CarryOp, Type, bool in, bool out);
Handler float_handler(FloatOp, Type, Finish, bool flush);
Handler directed_rounding_handler();
Handler compare_handler(Comparison, Type, bool flush);
Handler compare_value_handler();
Handler test_number_handler(uint8_t what, Type);
Handler select_handler(uint32_t bytes);
Handler select_by_sign_handler(uint32_t bytes, Type sign);
Handler move_handler(uint32_t bytes);
Handler predicate_logic_handler(IntegerOp);
Handler pack_handler();
Handler convert_handler(Type to, Type from, bool same_width);
Handler convert_pair_handler(Type to);
Handler load_handler(AccessSpace);
Handler store_handler(AccessSpace);
Handler atomic_handler(AtomicOp, Type);
Handler copy_async_handler();
Handler matrix_load_handler(bool transposed);
Handler matrix_store_handler(bool transposed);
Handler matrix_move_handler();
Handler matrix_handler(const MatrixShape &);
Handler exchange_handler(ExchangeOp, Type);

} // namespace softgpu::SOFTGPU_ISA
