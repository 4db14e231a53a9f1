// Extended-precision integers: addc, subc, madc, and add, sub, mad with .cc.
#include "carry.h"

namespace softgpu {

void decode_carry(Decoding &d, CarryOp op, bool in, bool out) {
    if (op == CarryOp::MadLo || op == CarryOp::MadHi) {
        int half = d.modifiers.take_one({"lo", "hi"});
        if (half < 0) d.fail("mad.cc needs .lo or .hi");
        op = half ? CarryOp::MadHi : CarryOp::MadLo;
    }
    Type type = d.type();
    d.finish();
    std::size_t operands = op == CarryOp::Add || op == CarryOp::Sub ? 2 : 3;
    for (std::size_t i = 1; i <= operands; i++) d.in.operand[i] = d.source(i, type);
    d.in.operand[0] = d.destination(0, type);
    d.emit(handlers().carry(op, type, in, out), Kind::Integer);
}

namespace {

template <CarryOp Op> void with_carry(Decoding &d) {
    bool out = d.modifiers.take("cc");
    decode_carry(d, Op, true, out);
}

} // namespace

std::span<const DecoderEntry> carry_decoders() {
    static constexpr DecoderEntry table[] = {
        {"addc", with_carry<CarryOp::Add>}, {"subc", with_carry<CarryOp::Sub>}, {"madc", with_carry<CarryOp::MadLo>}};
    return table;
}

} // namespace softgpu
