// Layout of frames and constants.
#include "frame.h"

namespace softgpu {
namespace {

uint32_t aligned(uint32_t offset, uint32_t to) { return (offset + to - 1) / to * to; }

} // namespace

uint32_t Constants::lanes(uint64_t bits, uint32_t bytes) {
    if (bytes < 8) bits &= (1ull << (8 * bytes)) - 1;
    auto [at, fresh] = known_.try_emplace({bits, bytes}, 0);
    if (fresh) {
        at->second = aligned(static_cast<uint32_t>(program_.constants.size()), 64);
        program_.constants.resize(at->second + 32 * bytes);
        for (uint32_t i = 0; i < 32 * bytes; i++) program_.constants[at->second + i] = static_cast<uint8_t>(bits >> (8 * (i % bytes)));
    }
    return at->second | constant_operand;
}

uint32_t Constants::mask(uint32_t bits) { return lanes(bits, 4); }

Frame lay_out(const Routine &routine, uint32_t base) {
    Frame frame;
    uint32_t at = base;
    for (const Register &reg : routine.registers) { // whole lanes first, so that masks do not break their alignment
        if (reg.type != Type::Pred) at = aligned(at, 64);
        frame.registers.push_back(at);
        at += register_bytes(reg.type);
    }
    for (const Variable &variable : routine.variables) {
        LaneArea area;
        uint32_t local = 0;
        if (variable.space == Space::Param) {
            area.bytes = static_cast<uint32_t>(variable.bytes);
            area.stride = aligned(std::max(area.bytes, 1u), 16);
            area.offset = at = aligned(at, 64);
            if (!routine.is_entry || &variable - routine.variables.data() >= static_cast<long>(routine.parameters.size())) at += 32 * area.stride;
        } else if (variable.space == Space::Local) {
            local = frame.local_bytes = aligned(frame.local_bytes, static_cast<uint32_t>(std::max<uint64_t>(variable.align, 16)));
            frame.local_bytes += static_cast<uint32_t>(variable.bytes);
        }
        frame.areas.push_back(area);
        frame.locals.push_back(local);
    }
    frame.bytes = aligned(at, 64);
    frame.local_bytes = aligned(frame.local_bytes, 16);
    return frame;
}

} // namespace softgpu
