// atom and red.
#include "memory_modifiers.h"

namespace softgpu {
namespace {

template <bool Returns> void atomic(Decoding &d) {
    bool constant;
    take_ordering(d.modifiers);
    d.in.space = take_space(d.modifiers, constant);
    if (constant || d.in.space == AccessSpace::Local || d.in.space == AccessSpace::Param) d.fail("an atomic in this space");
    d.modifiers.take("noftz");
    d.modifiers.take_prefixed("L2::");
    int op = d.modifiers.take_one({"add", "min", "max", "and", "or", "xor", "exch", "cas", "inc", "dec"});
    if (op < 0) d.unsupported("this atomic operation");
    Type type = d.type();
    d.finish();
    std::size_t at = Returns ? 1 : 0;
    d.address(at);
    d.in.operand[2] = d.source(at + 1, type);
    if (static_cast<AtomicOp>(op) == AtomicOp::CompareAndSwap) d.in.operand[3] = d.source(at + 2, type);
    if (Returns) d.in.operand[1] = d.destination(0, type);
    d.in.width = static_cast<uint8_t>(bytes_of(type));
    note_shared_access(d, d.in.space, bytes_of(type));
    d.emit(handlers().atomic(static_cast<AtomicOp>(op), type), Kind::Atomic);
}

} // namespace

std::span<const DecoderEntry> atomic_decoders() {
    static constexpr DecoderEntry table[] = {{"atom", atomic<true>}, {"red", atomic<false>}};
    return table;
}

} // namespace softgpu
