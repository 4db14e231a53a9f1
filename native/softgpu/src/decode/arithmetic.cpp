// add, sub, mul, mad, fma, div, rem, min, max, abs, neg: integer or floating-point by type.
#include "carry.h"
#include "decoding.h"

namespace softgpu {
namespace {

void sources(Decoding &d, std::initializer_list<Type> types) {
    if (d.count() != types.size() + 1) d.fail("expected " + std::to_string(types.size() + 1) + " operands");
    std::size_t i = 1;
    for (Type type : types) {
        d.in.operand[i] = d.source(i, type);
        i++;
    }
}

void emit_float(Decoding &d, FloatOp op, Type type, std::size_t operands) {
    bool given;
    Rounding rounding = take_rounding(d.modifiers, given);
    d.modifiers.take_all({"approx", "full"});
    bool flush = d.modifiers.take("ftz");
    Finish finish = d.modifiers.take("sat") ? Finish::Saturate : d.modifiers.take("relu") ? Finish::Relu : Finish::Plain;
    d.finish();
    for (std::size_t i = 1; i <= operands; i++) d.in.operand[i] = d.source(i, type);
    if (d.count() != operands + 1) d.fail("expected " + std::to_string(operands + 1) + " operands");
    d.in.operand[0] = d.destination(0, type);
    Handler handler = handlers().floating(op, type, finish, flush);
    if (rounding != Rounding::Nearest && handler) {
        if (bits_of(type) < 32 || type == Type::F16x2 || type == Type::BF16x2) d.unsupported("this rounding of half-precision results");
        d.in.inner = handler;
        d.in.mode = static_cast<uint8_t>(rounding);
        handler = handlers().directed_rounding();
    }
    d.emit(handler, arithmetic_kind(type));
}

void emit_integer(Decoding &d, IntegerOp op, Type type, std::size_t operands) {
    d.finish();
    for (std::size_t i = 1; i <= operands; i++) d.in.operand[i] = d.source(i, type);
    if (d.count() != operands + 1) d.fail("expected " + std::to_string(operands + 1) + " operands");
    d.in.operand[0] = d.destination(0, type);
    d.emit(handlers().integer(op, type), Kind::Integer);
}

template <IntegerOp Whole, IntegerOp Saturated, FloatOp Real> void sum(Decoding &d) {
    if (d.modifiers.take("cc")) return decode_carry(d, Whole == IntegerOp::Add ? CarryOp::Add : CarryOp::Sub, false, true);
    Type type = d.type();
    if (is_float(type)) return emit_float(d, Real, type, 2);
    emit_integer(d, d.modifiers.take("sat") ? Saturated : Whole, type, 2);
}

Type twice(Type type) {
    switch (type) {
    case Type::U16: return Type::U32;
    case Type::S16: return Type::S32;
    case Type::U32: return Type::U64;
    case Type::S32: return Type::S64;
    default: return Type::None;
    }
}

void wide(Decoding &d, bool with_sum, Type type) {
    d.finish();
    Type result = twice(type);
    if (result == Type::None) d.unsupported("a wide product of this type");
    if (with_sum) sources(d, {type, type, result});
    else sources(d, {type, type});
    d.in.operand[0] = d.destination(0, result);
    d.emit(handlers().integer(with_sum ? IntegerOp::MadWide : IntegerOp::MulWide, type), Kind::Integer);
}

void multiply(Decoding &d) {
    Type type = d.type();
    if (is_float(type)) return emit_float(d, FloatOp::Mul, type, 2);
    switch (d.modifiers.take_one({"lo", "hi", "wide"})) {
    case 0: return emit_integer(d, IntegerOp::MulLo, type, 2);
    case 1: return emit_integer(d, IntegerOp::MulHi, type, 2);
    case 2: return wide(d, false, type);
    default: d.fail("mul needs .lo, .hi or .wide");
    }
}

void multiply_add(Decoding &d) {
    if (d.modifiers.take("cc")) return decode_carry(d, CarryOp::MadLo, false, true);
    Type type = d.type();
    if (is_float(type)) return emit_float(d, FloatOp::Fma, type, 3);
    switch (d.modifiers.take_one({"lo", "hi", "wide"})) {
    case 0: return emit_integer(d, IntegerOp::MadLo, type, 3);
    case 1: return emit_integer(d, d.modifiers.take("sat") ? IntegerOp::MadHiSat : IntegerOp::MadHi, type, 3);
    case 2: return wide(d, true, type);
    default: d.fail("mad needs .lo, .hi or .wide");
    }
}

template <IntegerOp Op, std::size_t Operands> void multiply24(Decoding &d) {
    if (!d.modifiers.take("lo")) d.unsupported("this half of a 24-bit product");
    emit_integer(d, Op, d.type(), Operands);
}

void fused(Decoding &d) { emit_float(d, FloatOp::Fma, d.type(), 3); }

void divide(Decoding &d) {
    Type type = d.type();
    if (is_float(type)) return emit_float(d, FloatOp::Div, type, 2);
    emit_integer(d, IntegerOp::Div, type, 2);
}
void remainder(Decoding &d) { emit_integer(d, IntegerOp::Rem, d.type(), 2); }

template <bool Largest> void extreme(Decoding &d) {
    Type type = d.type();
    if (!is_float(type)) {
        if (d.modifiers.take("relu")) d.unsupported("relu on integers");
        return emit_integer(d, Largest ? IntegerOp::Max : IntegerOp::Min, type, 2);
    }
    bool nan = d.modifiers.take("NaN"), xorsign = d.modifiers.take("xorsign");
    if (xorsign) d.modifiers.take("abs");
    if (nan && xorsign) d.unsupported("min or max with both NaN and xorsign");
    FloatOp op = Largest ? (nan ? FloatOp::MaxNan : xorsign ? FloatOp::MaxXorsign : FloatOp::Max)
                         : (nan ? FloatOp::MinNan : xorsign ? FloatOp::MinXorsign : FloatOp::Min);
    emit_float(d, op, type, 2);
}

template <FloatOp Real, IntegerOp Whole> void unary(Decoding &d) {
    Type type = d.type();
    if (is_float(type)) return emit_float(d, Real, type, 1);
    if (!is_signed(type)) d.unsupported("abs or neg of an unsigned type");
    emit_integer(d, Whole, type, 1);
}

} // namespace

std::span<const DecoderEntry> arithmetic_decoders() {
    static constexpr DecoderEntry table[] = {
        {"add", sum<IntegerOp::Add, IntegerOp::AddSat, FloatOp::Add>},
        {"sub", sum<IntegerOp::Sub, IntegerOp::SubSat, FloatOp::Sub>},
        {"mul", multiply}, {"mad", multiply_add}, {"fma", fused},
        {"mul24", multiply24<IntegerOp::Mul24Lo, 2>}, {"mad24", multiply24<IntegerOp::Mad24Lo, 3>},
        {"div", divide}, {"rem", remainder}, {"min", extreme<false>}, {"max", extreme<true>},
        {"abs", unary<FloatOp::Abs, IntegerOp::Abs>}, {"neg", unary<FloatOp::Neg, IntegerOp::Neg>},
    };
    return table;
}

// rcp, sqrt, rsqrt, ex2, lg2, sin, cos, tanh, copysign
namespace {

template <FloatOp Op> void function(Decoding &d) {
    Type type = d.type();
    emit_float(d, Op, type, 1);
}
void copysign(Decoding &d) { emit_float(d, FloatOp::Copysign, d.type(), 2); }

} // namespace

std::span<const DecoderEntry> function_decoders() {
    static constexpr DecoderEntry table[] = {
        {"rcp", function<FloatOp::Rcp>}, {"sqrt", function<FloatOp::Sqrt>}, {"rsqrt", function<FloatOp::Rsqrt>},
        {"ex2", function<FloatOp::Ex2>}, {"lg2", function<FloatOp::Lg2>}, {"sin", function<FloatOp::Sin>},
        {"cos", function<FloatOp::Cos>}, {"tanh", function<FloatOp::Tanh>}, {"copysign", copysign},
    };
    return table;
}

} // namespace softgpu
