// ld, st, prefetch and other instructions about caches.
#include "../run/control.h"
#include "memory_modifiers.h"

namespace softgpu {

// The smallest access decides how finely shared memory is watched.
void note_shared_access(Decoding &d, AccessSpace space, uint32_t bytes) {
    if (space == AccessSpace::Shared || space == AccessSpace::Generic)
        d.routine.program().shared_unit = std::min(d.routine.program().shared_unit, bytes);
}

namespace {

uint32_t vector_length(Modifiers &m) {
    static constexpr uint32_t lengths[] = {2, 4, 8};
    int which = m.take_one({"v2", "v4", "v8"});
    return which < 0 ? 1 : lengths[which];
}

Kind kind_of(AccessSpace space, bool constant, bool store) {
    if (constant) return Kind::LoadConstant;
    switch (space) {
    case AccessSpace::Shared: return store ? Kind::StoreShared : Kind::LoadShared;
    case AccessSpace::Local: return store ? Kind::StoreLocal : Kind::LoadLocal;
    case AccessSpace::Param: case AccessSpace::KernelParam: return store ? Kind::Move : Kind::LoadConstant;
    default: return store ? Kind::StoreGlobal : Kind::LoadGlobal;
    }
}

template <bool Store> void access(Decoding &d) {
    bool constant, strong = take_ordering(d.modifiers);
    d.in.space = take_space(d.modifiers, constant);
    take_cache_hints(d.modifiers);
    d.in.count = static_cast<uint8_t>(vector_length(d.modifiers));
    Type type = d.type();
    d.modifiers.take("unified");
    d.finish();
    if (bytes_of(type) == 0 || bytes_of(type) > 8 || uint32_t(d.in.count) * bytes_of(type) > 32) d.unsupported("an access of this width");
    d.in.width = static_cast<uint8_t>(bytes_of(type));
    d.in.sign_extend = is_signed(type);
    const Variable *variable = d.address(Store ? 0 : 1);
    if (strong) d.in.detail |= 2;
    const Operand &data = d.operand(Store ? 1 : 0);
    std::vector<uint32_t> operands;
    uint32_t bytes = 0, first_bytes = 0;
    auto one = [&](const Operand &op) {
        if (op.kind == OperandKind::Sink && !Store) return operands.push_back(no_operand);
        operands.push_back(Store ? d.wide_source(op, type, bytes) : d.wide_destination(op, type, bytes));
        if (first_bytes && first_bytes != bytes) d.unsupported("a vector of registers of different widths");
        first_bytes = bytes;
    };
    if ((d.in.count > 1) != (data.kind == OperandKind::Vector)) d.fail("a vector of the wrong length");
    if (data.kind == OperandKind::Vector) {
        if (data.parts.size() != d.in.count) d.fail("a vector of the wrong length");
        for (const Operand &op : data.parts) one(op);
    } else {
        one(data);
    }
    d.in.register_width = static_cast<uint8_t>(first_bytes ? first_bytes : bytes_of(type));
    d.pool({&operands});
    if (d.in.space == AccessSpace::Param) {
        bool own = d.in.target != 0; // a parameter with lanes of its own
        if (!own) d.in.space = AccessSpace::KernelParam;
        uint64_t total = uint64_t(d.in.width) * d.in.count;
        if (own && (d.in.immediate < 0 || static_cast<uint64_t>(d.in.immediate) + total > variable->bytes)) d.fail("an access beyond the parameter '" + variable->name + "'");
    }
    note_shared_access(d, d.in.space, uint32_t(d.in.width) * d.in.count);
    Kind kind = kind_of(d.in.space, constant, Store);
    d.emit(Store ? handlers().store(d.in.space) : handlers().load(d.in.space), kind);
}

void hint(Decoding &d) { d.emit(control::nothing, Kind::Fence); }

// The policy itself is never looked at.
void create_policy(Decoding &d) {
    d.in.operand[1] = d.literal(0, 8);
    d.in.operand[0] = d.destination(0, Type::B64);
    d.emit(handlers().move(8), Kind::Move);
}

} // namespace

std::span<const DecoderEntry> memory_decoders() {
    static constexpr DecoderEntry table[] = {
        {"ld", access<false>}, {"ldu", access<false>}, {"st", access<true>}, {"prefetch", hint}, {"prefetchu", hint},
        {"applypriority", hint}, {"createpolicy", create_policy},
    };
    return table;
}

} // namespace softgpu
