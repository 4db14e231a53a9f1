// shfl, vote, match, redux, elect, activemask.
#include "../run/control.h"
#include "decoding.h"

namespace softgpu {
namespace {

void need_sync(Decoding &d) {
    if (!d.modifiers.take("sync")) d.unsupported("a warp exchange without .sync");
}

void shuffle(Decoding &d) {
    need_sync(d);
    int how = d.modifiers.take_one({"up", "down", "bfly", "idx"});
    if (how < 0) d.fail("shfl without a direction");
    if (d.type() != Type::B32) d.unsupported("shfl of this type");
    d.finish();
    const Operand &to = d.operand(0);
    bool pair = to.kind == OperandKind::Pair;
    for (std::size_t i = 1; i <= 4; i++) d.in.operand[i] = d.source(i, Type::B32);
    d.in.operand[0] = d.destination(pair ? to.parts[0] : to, Type::B32);
    if (pair) d.in.operand[5] = d.predicate_destination(to.parts[1]);
    d.emit(handlers().exchange(static_cast<ExchangeOp>(how), Type::B32), Kind::Exchange);
}

void vote(Decoding &d) {
    need_sync(d);
    static constexpr ExchangeOp ops[] = {ExchangeOp::VoteAll, ExchangeOp::VoteAny, ExchangeOp::VoteUni, ExchangeOp::Ballot};
    int how = d.modifiers.take_one({"all", "any", "uni", "ballot"});
    if (how < 0) d.fail("vote without a mode");
    Type type = d.type();
    d.finish();
    bool negated;
    d.in.operand[1] = d.predicate_source(d.operand(1), negated);
    d.in.detail = negated;
    d.in.operand[4] = d.source(2, Type::B32);
    d.in.operand[0] = how == 3 ? d.destination(0, type) : d.predicate_destination(d.operand(0));
    d.emit(handlers().exchange(ops[how], type), Kind::Exchange);
}

void match(Decoding &d) {
    int how = d.modifiers.take_one({"any", "all"});
    need_sync(d);
    if (how < 0) d.fail("match without a mode");
    Type type = d.type();
    d.finish();
    const Operand &to = d.operand(0);
    bool pair = to.kind == OperandKind::Pair;
    d.in.operand[1] = d.source(1, type);
    d.in.operand[4] = d.source(2, Type::B32);
    d.in.operand[0] = d.destination(pair ? to.parts[0] : to, Type::B32);
    if (pair) d.in.operand[5] = d.predicate_destination(to.parts[1]);
    d.emit(handlers().exchange(how ? ExchangeOp::MatchAll : ExchangeOp::MatchAny, type), Kind::Exchange);
}

void reduce(Decoding &d) {
    need_sync(d);
    static constexpr ExchangeOp ops[] = {ExchangeOp::ReduceAdd, ExchangeOp::ReduceMin, ExchangeOp::ReduceMax, ExchangeOp::ReduceAnd, ExchangeOp::ReduceOr, ExchangeOp::ReduceXor};
    int how = d.modifiers.take_one({"add", "min", "max", "and", "or", "xor"});
    Type type = d.type();
    d.finish();
    if (how < 0 || is_float(type)) d.unsupported("this redux");
    d.in.operand[1] = d.source(1, type);
    d.in.operand[4] = d.source(2, Type::B32);
    d.in.operand[0] = d.destination(0, type);
    d.emit(handlers().exchange(ops[how], type), Kind::Exchange);
}

void elect(Decoding &d) {
    need_sync(d);
    d.finish();
    const Operand &to = d.operand(0);
    if (to.kind != OperandKind::Pair) d.fail("elect.sync needs d|p");
    d.in.operand[4] = d.source(1, Type::B32);
    d.in.operand[0] = d.destination(to.parts[0], Type::B32);
    d.in.operand[5] = d.predicate_destination(to.parts[1]);
    d.emit(handlers().exchange(ExchangeOp::Elect, Type::B32), Kind::Exchange);
}

void active_mask(Decoding &d) {
    d.type();
    d.finish();
    d.in.operand[0] = d.destination(0, Type::B32);
    d.emit(control::active_mask, Kind::Exchange);
}

} // namespace

std::span<const DecoderEntry> exchange_decoders() {
    static constexpr DecoderEntry table[] = {
        {"shfl", shuffle}, {"vote", vote}, {"match", match}, {"redux", reduce}, {"elect", elect}, {"activemask", active_mask}};
    return table;
}

} // namespace softgpu
