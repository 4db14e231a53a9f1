// setp, set, selp, slct, testp.
#include "decoding.h"

#include <optional>

namespace softgpu {
namespace {

std::optional<Comparison> take_comparison(Modifiers &m) {
    int which = m.take_one({"eq", "ne", "lt", "le", "gt", "ge", "equ", "neu", "ltu", "leu", "gtu", "geu", "num", "nan"});
    if (which >= 0) return static_cast<Comparison>(which);
    static constexpr Comparison unsigned_names[] = {Comparison::Lt, Comparison::Le, Comparison::Gt, Comparison::Ge};
    which = m.take_one({"lo", "ls", "hi", "hs"});
    if (which >= 0) return unsigned_names[which];
    return std::nullopt;
}

// The comparison itself into the given predicates; the operands to compare follow at `first`.
void emit_comparison(Decoding &d, Type type, Comparison comparison, int combine, bool flush, uint32_t p, uint32_t q, std::size_t first) {
    d.in.operand[0] = p;
    d.in.operand[1] = q;
    d.in.operand[2] = d.source(first, type);
    d.in.operand[3] = d.source(first + 1, type);
    if (combine >= 0) {
        bool negated;
        d.in.operand[4] = d.predicate_source(d.operand(first + 2), negated);
        d.in.detail = static_cast<uint8_t>((combine + 1) | (negated ? 0x80 : 0));
    }
    d.emit(handlers().compare(comparison, type, flush), Kind::Compare);
}

void set_predicate(Decoding &d) {
    auto comparison = take_comparison(d.modifiers);
    if (!comparison) d.fail("setp without a comparison");
    int combine = d.modifiers.take_one({"and", "or", "xor"});
    bool flush = d.modifiers.take("ftz");
    Type type = d.type();
    d.finish();
    const Operand &to = d.operand(0);
    bool pair = to.kind == OperandKind::Pair;
    uint32_t p = d.predicate_destination(pair ? to.parts[0] : to), q = pair ? d.predicate_destination(to.parts[1]) : no_operand;
    emit_comparison(d, type, *comparison, combine, flush, p, q, 1);
}

struct Verdict {
    uint64_t yes;
    uint32_t bytes;
};
Verdict verdict_as(Decoding &d, Type type) {
    switch (type) {
    case Type::U32: case Type::S32: return {0xffffffffu, 4};
    case Type::F32: return {0x3f800000u, 4};
    case Type::F16: return {0x3c00, 2};
    case Type::BF16: return {0x3f80, 2};
    case Type::U16: case Type::S16: return {0xffff, 2};
    case Type::F16x2: return {0x3c00, 2};
    case Type::BF16x2: return {0x3f80, 2};
    default: d.unsupported("a result of set of this type");
    }
}

// set: a comparison whose result is a number, or a pair of them for pairs of halves.
void set(Decoding &d) {
    auto comparison = take_comparison(d.modifiers);
    if (!comparison) d.fail("set without a comparison");
    int combine = d.modifiers.take_one({"and", "or", "xor"});
    bool flush = d.modifiers.take("ftz");
    Type result = d.type(), type = d.type();
    d.finish();
    bool pairs = type == Type::F16x2 || type == Type::BF16x2;
    uint32_t p = d.routine.scratch(4), q = pairs ? d.routine.scratch(4) : no_operand;
    emit_comparison(d, type, *comparison, combine, flush, p, q, 1);
    Verdict verdict = verdict_as(d, result);
    if (pairs && bits_of(result) == 32 && !is_float(result)) verdict = {0xffff, 2};
    uint32_t yes = d.literal(verdict.yes, verdict.bytes), no = d.literal(0, verdict.bytes);
    auto choose = [&](uint32_t to, uint32_t predicate) {
        d.in.operand[0] = to;
        d.in.operand[1] = yes;
        d.in.operand[2] = no;
        d.in.operand[3] = predicate;
        d.emit(handlers().select(verdict.bytes), Kind::Compare);
    };
    if (!pairs) return choose(d.destination(0, result), p);
    uint32_t low = d.routine.scratch(64), high = d.routine.scratch(64);
    choose(low, p);
    choose(high, q);
    std::vector<uint32_t> to{d.destination(0, result)}, from{low, high};
    d.pool({&to, &from});
    d.in.detail = 1;
    d.in.count = 3;
    d.in.width = 4;
    d.in.register_width = 2;
    d.emit(handlers().pack(), Kind::Move);
}

void select(Decoding &d) {
    Type type = d.type();
    d.finish();
    bool negated;
    d.in.operand[1] = d.source(1, type);
    d.in.operand[2] = d.source(2, type);
    d.in.operand[3] = d.predicate_source(d.operand(3), negated);
    d.in.operand[0] = d.destination(0, type);
    d.in.detail = negated;
    d.emit(handlers().select(bytes_of(type)), Kind::Move);
}

void select_by_sign(Decoding &d) {
    d.modifiers.take("ftz"); // flushing changes no sign
    Type type = d.type(), sign = d.type();
    d.finish();
    if (sign != Type::S32 && sign != Type::F32) d.fail("slct selects by .s32 or .f32");
    d.in.operand[1] = d.source(1, type);
    d.in.operand[2] = d.source(2, type);
    d.in.operand[3] = d.source(3, sign);
    d.in.operand[0] = d.destination(0, type);
    d.emit(handlers().select_by_sign(bytes_of(type), sign), Kind::Move);
}

void test_number(Decoding &d) {
    int what = d.modifiers.take_one({"finite", "infinite", "number", "notanumber", "normal", "subnormal"});
    if (what < 0) d.fail("testp without a question");
    Type type = d.type();
    d.finish();
    d.in.mode = static_cast<uint8_t>(what);
    d.in.operand[1] = d.source(1, type);
    d.in.operand[0] = d.predicate_destination(d.operand(0));
    d.emit(handlers().test_number(static_cast<uint8_t>(what), type), Kind::Compare);
}

} // namespace

std::span<const DecoderEntry> compare_decoders() {
    static constexpr DecoderEntry table[] = {
        {"setp", set_predicate}, {"set", set}, {"selp", select}, {"slct", select_by_sign}, {"testp", test_number}};
    return table;
}

} // namespace softgpu
