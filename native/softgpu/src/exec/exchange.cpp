// Instructions by which the lanes of a warp look at each other: shfl.sync, vote.sync, match.sync, redux.sync, elect.sync.
// The members that still live must all arrive; a lane that is not a member must not execute them.
#include "block.h"
#include "families.h"
#include "lanes.h"

namespace softgpu::SOFTGPU_ISA {
namespace {

// operand 4 holds the member mask
bool gathered(Warp &w, const Instruction &in) {
    uint32_t members = lanes_at<uint32_t>(w, in.operand[4])[std::countr_zero(w.exec)];
    if (w.exec & ~members) raise(w, in, std::countr_zero(w.exec & ~members), 719, "a lane executes a warp exchange without being in its member mask");
    return convene(w, in, members, Wait::Exchange);
}

template <ExchangeOp Op> void shuffle(Warp &w, const Instruction &in) {
    if (!gathered(w, in)) return;
    const uint32_t *a = lanes_at<uint32_t>(w, in.operand[1]), *b = lanes_at<uint32_t>(w, in.operand[2]), *c = lanes_at<uint32_t>(w, in.operand[3]);
    uint32_t result[lanes], inside = 0;
    for (int lane = 0; lane < lanes; lane++) {
        int distance = b[lane] & 31, clamp = c[lane] & 31, segment = c[lane] >> 8 & 31, j;
        int last = (lane & segment) | (clamp & ~segment & 31), first = lane & segment;
        bool ok;
        if constexpr (Op == ExchangeOp::ShuffleUp) j = lane - distance, ok = j >= last;
        else if constexpr (Op == ExchangeOp::ShuffleDown) j = lane + distance, ok = j <= last;
        else if constexpr (Op == ExchangeOp::ShuffleButterfly) j = lane ^ distance, ok = j <= last;
        else j = first | (distance & ~segment & 31), ok = j <= last;
        result[lane] = a[ok ? j : lane];
        inside |= uint32_t(ok) << lane;
    }
    map<uint32_t>(w, in.operand[0], [](uint32_t x) { return x; }, result);
    if (in.operand[5] != no_operand) set_predicate(w, in.operand[5], inside);
}

uint32_t source_predicate(Warp &w, const Instruction &in) { return predicate(w, in.operand[1]) ^ (in.detail ? ~0u : 0); }

template <ExchangeOp Op> void vote(Warp &w, const Instruction &in) {
    if (!gathered(w, in)) return;
    uint32_t yes = source_predicate(w, in) & w.exec;
    if constexpr (Op == ExchangeOp::Ballot) {
        uint32_t *d = lanes_at<uint32_t>(w, in.operand[0]);
        for (int i = 0; i < lanes; i++) d[i] = w.exec >> i & 1 ? yes : d[i];
        return;
    }
    bool all = yes == w.exec, none = yes == 0;
    bool result = Op == ExchangeOp::VoteAll ? all : Op == ExchangeOp::VoteAny ? !none : all || none;
    set_predicate(w, in.operand[0], result ? ~0u : 0);
}

template <bool All, class T> void match(Warp &w, const Instruction &in) {
    if (!gathered(w, in)) return;
    const T *a = lanes_at<T>(w, in.operand[1]);
    uint32_t same[lanes], exec = w.exec;
    for (int i = 0; i < lanes; i++) {
        same[i] = 0;
        for (int j = 0; j < lanes; j++) same[i] |= uint32_t((exec >> j & 1) && a[j] == a[i]) << j;
    }
    bool agree = same[std::countr_zero(exec)] == exec;
    uint32_t *d = lanes_at<uint32_t>(w, in.operand[0]);
    for (int i = 0; i < lanes; i++)
        if (exec >> i & 1) d[i] = All ? (agree ? exec : 0) : same[i];
    if (in.operand[5] != no_operand) set_predicate(w, in.operand[5], agree ? ~0u : 0);
}

template <ExchangeOp Op, class T> void reduce(Warp &w, const Instruction &in) {
    if (!gathered(w, in)) return;
    const T *a = lanes_at<T>(w, in.operand[1]);
    int first = std::countr_zero(w.exec);
    T result = a[first];
    for (int i = first + 1; i < lanes; i++) {
        if (!(w.exec >> i & 1)) continue;
        T x = a[i];
        if constexpr (Op == ExchangeOp::ReduceAdd) result = T(uint32_t(result) + uint32_t(x));
        else if constexpr (Op == ExchangeOp::ReduceMin) result = x < result ? x : result;
        else if constexpr (Op == ExchangeOp::ReduceMax) result = x > result ? x : result;
        else if constexpr (Op == ExchangeOp::ReduceAnd) result &= x;
        else if constexpr (Op == ExchangeOp::ReduceOr) result |= x;
        else result ^= x;
    }
    T *d = lanes_at<T>(w, in.operand[0]);
    for (int i = 0; i < lanes; i++) d[i] = w.exec >> i & 1 ? result : d[i];
}

// The lowest member is elected.
void elect(Warp &w, const Instruction &in) {
    if (!gathered(w, in)) return;
    int leader = std::countr_zero(w.exec);
    if (in.operand[0] != no_operand) {
        uint32_t *d = lanes_at<uint32_t>(w, in.operand[0]);
        for (int i = 0; i < lanes; i++) d[i] = w.exec >> i & 1 ? uint32_t(leader) : d[i];
    }
    set_predicate(w, in.operand[5], 1u << leader);
}

} // namespace

Handler exchange_handler(ExchangeOp op, Type type) {
    bool wide = bits_of(type) == 64, minus = is_signed(type);
    switch (op) {
    case ExchangeOp::ShuffleUp: return shuffle<ExchangeOp::ShuffleUp>;
    case ExchangeOp::ShuffleDown: return shuffle<ExchangeOp::ShuffleDown>;
    case ExchangeOp::ShuffleButterfly: return shuffle<ExchangeOp::ShuffleButterfly>;
    case ExchangeOp::ShuffleIndex: return shuffle<ExchangeOp::ShuffleIndex>;
    case ExchangeOp::VoteAll: return vote<ExchangeOp::VoteAll>;
    case ExchangeOp::VoteAny: return vote<ExchangeOp::VoteAny>;
    case ExchangeOp::VoteUni: return vote<ExchangeOp::VoteUni>;
    case ExchangeOp::Ballot: return vote<ExchangeOp::Ballot>;
    case ExchangeOp::MatchAny: return wide ? match<false, uint64_t> : match<false, uint32_t>;
    case ExchangeOp::MatchAll: return wide ? match<true, uint64_t> : match<true, uint32_t>;
    case ExchangeOp::ReduceAdd: return reduce<ExchangeOp::ReduceAdd, uint32_t>;
    case ExchangeOp::ReduceMin: return minus ? reduce<ExchangeOp::ReduceMin, int32_t> : reduce<ExchangeOp::ReduceMin, uint32_t>;
    case ExchangeOp::ReduceMax: return minus ? reduce<ExchangeOp::ReduceMax, int32_t> : reduce<ExchangeOp::ReduceMax, uint32_t>;
    case ExchangeOp::ReduceAnd: return reduce<ExchangeOp::ReduceAnd, uint32_t>;
    case ExchangeOp::ReduceOr: return reduce<ExchangeOp::ReduceOr, uint32_t>;
    case ExchangeOp::ReduceXor: return reduce<ExchangeOp::ReduceXor, uint32_t>;
    case ExchangeOp::Elect: return elect;
    }
    return nullptr;
}

} // namespace softgpu::SOFTGPU_ISA
