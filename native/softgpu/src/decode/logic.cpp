// Logic, shifts, bit fields and byte arithmetic; logic on predicates.
#include "decoding.h"

namespace softgpu {
namespace {

void predicate_logic(Decoding &d, IntegerOp op) {
    d.finish();
    bool a = false, b = false;
    d.in.operand[1] = d.predicate_source(d.operand(1), a);
    if (op != IntegerOp::Not) d.in.operand[2] = d.predicate_source(d.operand(2), b);
    d.in.detail = static_cast<uint8_t>(a | b << 1);
    d.in.operand[0] = d.predicate_destination(d.operand(0));
    d.emit(handlers().predicate_logic(op), Kind::Compare);
}

// destination as wide as the result type, sources as listed
void integer(Decoding &d, IntegerOp op, Type type, Type result, std::initializer_list<Type> types) {
    d.finish();
    if (d.count() != types.size() + 1) d.fail("expected " + std::to_string(types.size() + 1) + " operands");
    std::size_t i = 1;
    for (Type source : types) {
        d.in.operand[i] = d.source(i, source);
        i++;
    }
    d.in.operand[0] = d.destination(0, result);
    d.emit(handlers().integer(op, type), Kind::Integer);
}

template <IntegerOp Op> void logic(Decoding &d) {
    Type type = d.type();
    if (type == Type::Pred) return predicate_logic(d, Op);
    integer(d, Op, type, type, {type, type});
}
template <IntegerOp Op> void unary(Decoding &d) {
    Type type = d.type();
    if (type == Type::Pred) return predicate_logic(d, Op);
    integer(d, Op, type, type, {type});
}
template <IntegerOp Op> void shift(Decoding &d) {
    Type type = d.type();
    integer(d, Op, type, type, {type, Type::U32});
}
template <IntegerOp Op> void counting(Decoding &d) {
    Type type = d.type();
    integer(d, Op, type, Type::U32, {type});
}
void find(Decoding &d) {
    bool amount = d.modifiers.take("shiftamt");
    Type type = d.type();
    integer(d, amount ? IntegerOp::BfindShift : IntegerOp::Bfind, type, Type::U32, {type});
}
void extract(Decoding &d) {
    Type type = d.type();
    integer(d, IntegerOp::Bfe, type, type, {type, Type::U32, Type::U32});
}
void insert(Decoding &d) {
    Type type = d.type();
    integer(d, IntegerOp::Bfi, type, type, {type, type, Type::U32, Type::U32});
}
void difference(Decoding &d) {
    Type type = d.type();
    integer(d, IntegerOp::Sad, type, type, {type, type, type});
}

void words(Decoding &d, BitOp op, Type a, Type b, std::size_t operands) {
    d.finish();
    if (d.count() != operands + 1) d.fail("expected " + std::to_string(operands + 1) + " operands");
    for (std::size_t i = 1; i <= operands; i++) d.in.operand[i] = d.source(i, Type::B32);
    d.in.operand[0] = d.destination(0, Type::B32);
    d.emit(handlers().bits(op, a, b), Kind::Integer);
}

void lookup(Decoding &d) {
    int combine = d.modifiers.take_one({"or", "and"});
    if (d.type() != Type::B32) d.unsupported("lop3 of this type");
    d.finish();
    const Operand &table = d.operand(4);
    if (table.kind != OperandKind::Integer) d.fail("the table of lop3 must be a literal");
    for (std::size_t i = 1; i <= 3; i++) d.in.operand[i] = d.source(i, Type::B32);
    d.in.immediate = static_cast<int64_t>(table.bits & 0xff);
    if (combine < 0) {
        d.in.operand[0] = d.destination(0, Type::B32);
        return d.emit(handlers().bits(BitOp::Lop3, Type::B32, Type::B32), Kind::Integer);
    }
    const Operand &pair = d.operand(0);
    if (pair.kind != OperandKind::Pair) d.fail("lop3 with a boolean operation needs d|p");
    bool negated;
    d.in.operand[0] = d.destination(pair.parts[0], Type::B32);
    d.in.operand[4] = d.predicate_destination(pair.parts[1]);
    d.in.operand[5] = d.predicate_source(d.operand(5), negated);
    d.in.detail = static_cast<uint8_t>(negated | combine << 1);
    d.emit(handlers().bits(BitOp::Lop3, Type::Pred, Type::Pred), Kind::Integer);
}

void permute(Decoding &d) {
    int mode = d.modifiers.take_one({"f4e", "b4e", "rc8", "ecl", "ecr", "rc16"});
    if (d.type() != Type::B32) d.unsupported("prmt of this type");
    d.in.mode = static_cast<uint8_t>(mode + 1);
    words(d, BitOp::Prmt, Type::B32, Type::B32, 3);
}

void funnel(Decoding &d) {
    int side = d.modifiers.take_one({"l", "r"}), how = d.modifiers.take_one({"clamp", "wrap"});
    if (side < 0 || how < 0) d.fail("shf needs .l or .r, and .clamp or .wrap");
    if (d.type() != Type::B32) d.unsupported("shf of this type");
    static constexpr BitOp ops[] = {BitOp::ShfLeftClamp, BitOp::ShfLeftWrap, BitOp::ShfRightClamp, BitOp::ShfRightWrap};
    words(d, ops[side * 2 + how], Type::B32, Type::B32, 3);
}

void dot4(Decoding &d) {
    Type a = d.type(), b = d.type();
    words(d, BitOp::Dp4a, a, b, 3);
}
void dot2(Decoding &d) {
    int half = d.modifiers.take_one({"lo", "hi"});
    if (half < 0) d.fail("dp2a needs .lo or .hi");
    d.in.mode = static_cast<uint8_t>(half);
    Type a = d.type(), b = d.type();
    words(d, BitOp::Dp2a, a, b, 3);
}

void mask(Decoding &d) {
    int how = d.modifiers.take_one({"clamp", "wrap"});
    if (how < 0 || d.type() != Type::B32) d.fail("bmsk needs .clamp or .wrap and .b32");
    words(d, how ? BitOp::BmskWrap : BitOp::BmskClamp, Type::B32, Type::B32, 2);
}

} // namespace

std::span<const DecoderEntry> logic_decoders() {
    static constexpr DecoderEntry table[] = {
        {"and", logic<IntegerOp::And>}, {"or", logic<IntegerOp::Or>}, {"xor", logic<IntegerOp::Xor>}, {"not", unary<IntegerOp::Not>},
        {"cnot", unary<IntegerOp::Cnot>}, {"shl", shift<IntegerOp::Shl>}, {"shr", shift<IntegerOp::Shr>},
        {"popc", counting<IntegerOp::Popc>}, {"clz", counting<IntegerOp::Clz>}, {"brev", unary<IntegerOp::Brev>}, {"bfind", find},
        {"bfe", extract}, {"bfi", insert}, {"sad", difference}, {"lop3", lookup}, {"prmt", permute}, {"shf", funnel},
        {"dp4a", dot4}, {"dp2a", dot2}, {"bmsk", mask},
    };
    return table;
}

} // namespace softgpu
