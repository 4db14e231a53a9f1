// The handlers of one instruction set of the host as a table.
#include "families.h"

#define SOFTGPU_TEXT_(x) #x
#define SOFTGPU_TEXT(x) SOFTGPU_TEXT_(x)

namespace softgpu::SOFTGPU_ISA {

extern const HandlerTable table;
const HandlerTable table = {
    SOFTGPU_TEXT(SOFTGPU_ISA), integer_handler, bit_handler, carry_handler, float_handler, directed_rounding_handler,
    compare_handler, compare_value_handler, test_number_handler, select_handler, select_by_sign_handler, move_handler,
    predicate_logic_handler, pack_handler, convert_handler, convert_pair_handler, load_handler, store_handler, atomic_handler,
    copy_async_handler, matrix_load_handler, matrix_store_handler, matrix_move_handler, matrix_handler, exchange_handler,
};

} // namespace softgpu::SOFTGPU_ISA
