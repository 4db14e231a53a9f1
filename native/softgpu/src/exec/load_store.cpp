// ld and st of every space, element width and vector length.
#include "addressing.h"
#include "families.h"

namespace softgpu::SOFTGPU_ISA {
namespace {

template <class M, class R> void load_as(Warp &w, uint32_t operand, const Lanes &at, uint32_t exec, uint32_t offset) {
    R *d = lanes_at<R>(w, operand);
    for (int i = 0; i < lanes; i++) {
        if (!(exec >> i & 1)) continue;
        M value;
        __builtin_memcpy(&value, at.host[i] + offset, sizeof value);
        d[i] = static_cast<R>(value);
    }
}
template <class M> void load_element(Warp &w, const Instruction &in, uint32_t operand, const Lanes &at, uint32_t exec, uint32_t offset) {
    switch (in.register_width) {
    case 1: return load_as<M, uint8_t>(w, operand, at, exec, offset);
    case 2: return load_as<M, uint16_t>(w, operand, at, exec, offset);
    case 4: return load_as<M, uint32_t>(w, operand, at, exec, offset);
    default: return load_as<M, uint64_t>(w, operand, at, exec, offset);
    }
}
void load_lanes(Warp &w, const Instruction &in, const Lanes &at, uint32_t exec) {
    const uint32_t *operands = w.pool + in.pool;
    for (uint32_t e = 0; e < in.count; e++) {
        uint32_t offset = e * in.width;
        if (operands[e] == no_operand) continue;
        switch (in.width | (in.sign_extend ? 0x10 : 0)) {
        case 0x01: load_element<uint8_t>(w, in, operands[e], at, exec, offset); break;
        case 0x11: load_element<int8_t>(w, in, operands[e], at, exec, offset); break;
        case 0x02: load_element<uint16_t>(w, in, operands[e], at, exec, offset); break;
        case 0x12: load_element<int16_t>(w, in, operands[e], at, exec, offset); break;
        case 0x04: load_element<uint32_t>(w, in, operands[e], at, exec, offset); break;
        case 0x14: load_element<int32_t>(w, in, operands[e], at, exec, offset); break;
        default: load_element<uint64_t>(w, in, operands[e], at, exec, offset); break;
        }
    }
}

template <class M, class R> void store_as(Warp &w, uint32_t operand, const Lanes &at, uint32_t exec, uint32_t offset) {
    const R *s = lanes_at<R>(w, operand);
    for (int i = 0; i < lanes; i++) {
        if (!(exec >> i & 1)) continue;
        M value = static_cast<M>(s[i]);
        __builtin_memcpy(at.host[i] + offset, &value, sizeof value);
    }
}
template <class M> void store_element(Warp &w, const Instruction &in, uint32_t operand, const Lanes &at, uint32_t exec, uint32_t offset) {
    switch (in.register_width) {
    case 1: return store_as<M, uint8_t>(w, operand, at, exec, offset);
    case 2: return store_as<M, uint16_t>(w, operand, at, exec, offset);
    case 4: return store_as<M, uint32_t>(w, operand, at, exec, offset);
    default: return store_as<M, uint64_t>(w, operand, at, exec, offset);
    }
}
void store_lanes(Warp &w, const Instruction &in, const Lanes &at, uint32_t exec) {
    const uint32_t *operands = w.pool + in.pool;
    for (uint32_t e = 0; e < in.count; e++) {
        uint32_t offset = e * in.width;
        switch (in.width) {
        case 1: store_element<uint8_t>(w, in, operands[e], at, exec, offset); break;
        case 2: store_element<uint16_t>(w, in, operands[e], at, exec, offset); break;
        case 4: store_element<uint32_t>(w, in, operands[e], at, exec, offset); break;
        default: store_element<uint64_t>(w, in, operands[e], at, exec, offset); break;
        }
    }
}

template <AccessSpace S> void load(Warp &w, const Instruction &in) {
    with_memory<S, Access::Read>(w, in, uint32_t(in.width) * in.count, [&](const Lanes &at, uint32_t exec) { load_lanes(w, in, at, exec); });
}
template <AccessSpace S> void store(Warp &w, const Instruction &in) {
    with_memory<S, Access::Write>(w, in, uint32_t(in.width) * in.count, [&](const Lanes &at, uint32_t exec) { store_lanes(w, in, at, exec); });
}

} // namespace

Handler load_handler(AccessSpace space) {
    switch (space) {
    case AccessSpace::Global: return load<AccessSpace::Global>;
    case AccessSpace::Shared: return load<AccessSpace::Shared>;
    case AccessSpace::Local: return load<AccessSpace::Local>;
    case AccessSpace::Param: return load<AccessSpace::Param>;
    case AccessSpace::KernelParam: return load<AccessSpace::KernelParam>;
    case AccessSpace::Generic: return load<AccessSpace::Generic>;
    default: return nullptr;
    }
}

Handler store_handler(AccessSpace space) {
    switch (space) {
    case AccessSpace::Global: return store<AccessSpace::Global>;
    case AccessSpace::Shared: return store<AccessSpace::Shared>;
    case AccessSpace::Local: return store<AccessSpace::Local>;
    case AccessSpace::Param: return store<AccessSpace::Param>;
    case AccessSpace::Generic: return store<AccessSpace::Generic>;
    default: return nullptr;
    }
}

} // namespace softgpu::SOFTGPU_ISA
