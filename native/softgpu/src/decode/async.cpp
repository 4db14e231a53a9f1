// cp.async and the instructions that commit and wait for its groups.
#include "../run/control.h"
#include "memory_modifiers.h"

namespace softgpu {
namespace {

void copy(Decoding &d) {
    if (d.modifiers.take("bulk")) d.unsupported("cp.async.bulk");
    if (d.modifiers.take("mbarrier")) d.unsupported("cp.async.mbarrier");
    bool cg = d.modifiers.take("cg"), ca = d.modifiers.take("ca");
    if (cg == ca) d.fail("cp.async needs .ca or .cg");
    if (!(d.modifiers.take("shared") || d.modifiers.take("shared::cta")) || !d.modifiers.take("global")) d.fail("cp.async copies from .global to .shared");
    d.modifiers.take_prefixed("L2::");
    d.finish();
    const Operand &size = d.operand(2);
    if (size.kind != OperandKind::Integer || (size.bits != 4 && size.bits != 8 && size.bits != 16)) d.fail("the copy size must be 4, 8 or 16");
    if (cg && size.bits != 16) d.fail("cp.async.cg copies 16 bytes");
    // the destination first, since address() fills operand 0
    d.address(0);
    uint32_t destination = d.in.operand[0];
    bool wide = !(d.in.detail & 1);
    int64_t displacement = d.in.immediate;
    d.in.detail = 0;
    d.address(1);
    d.in.operand[1] = destination;
    d.in.mode = wide;
    d.in.target = static_cast<uint32_t>(displacement);
    d.in.width = static_cast<uint8_t>(size.bits);
    d.in.space = AccessSpace::Shared;
    if (d.count() > 3) {
        const Operand &extra = d.operand(3);
        bool negated = false;
        if (extra.kind == OperandKind::Register && d.routine.register_type(extra.index) == Type::Pred) {
            d.in.operand[3] = d.predicate_source(extra, negated);
            if (negated) d.unsupported("a negated ignore-src");
        } else if (!(extra.kind == OperandKind::Register && bits_of(d.routine.register_type(extra.index)) == 64)) { // else a cache policy
            d.in.operand[2] = d.source(3, Type::B32);
        }
    }
    note_shared_access(d, AccessSpace::Shared, d.in.width);
    d.emit(handlers().copy_async(), Kind::AsyncCopy);
}

void asynchronous(Decoding &d) {
    if (!d.modifiers.take("async")) d.unsupported("cp");
    if (d.modifiers.take("commit_group")) {
        d.finish();
        return d.emit(control::commit_copies, Kind::AsyncCopy);
    }
    if (d.modifiers.take("wait_all")) {
        d.finish();
        d.in.immediate = -1;
        return d.emit(control::wait_copies, Kind::AsyncCopy);
    }
    if (d.modifiers.take("wait_group")) {
        d.finish();
        if (d.operand(0).kind != OperandKind::Integer) d.fail("the number of groups must be a literal");
        d.in.immediate = static_cast<int64_t>(d.operand(0).bits);
        return d.emit(control::wait_copies, Kind::AsyncCopy);
    }
    copy(d);
}

} // namespace

std::span<const DecoderEntry> async_decoders() {
    static constexpr DecoderEntry table[] = {{"cp", asynchronous}};
    return table;
}

} // namespace softgpu
