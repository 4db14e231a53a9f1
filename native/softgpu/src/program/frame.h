// Where a routine keeps what: registers, the areas of its parameters, its local variables; and the literals of a program.
#pragma once

#include "../ptx/syntax.h"
#include "program.h"

#include <map>

namespace softgpu {

// Bytes of one register: 32 lanes, or one mask for a predicate.
constexpr uint32_t register_bytes(Type type) { return type == Type::Pred ? 4 : 32 * bytes_of(type); }

// Literals of a program, each once.
class Constants {
public:
    explicit Constants(Program &program) : program_(program) {}
    uint32_t lanes(uint64_t bits, uint32_t bytes);
    uint32_t mask(uint32_t bits);

private:
    Program &program_;
    std::map<std::pair<uint64_t, uint32_t>, uint32_t> known_;
};

struct Frame {
    std::vector<uint32_t> registers; // offset of each
    std::vector<LaneArea> areas;     // of each variable in .param space
    std::vector<uint32_t> locals;    // offset of each variable in .local space
    uint32_t bytes = 0, local_bytes = 0;
};

// `base` bytes at the start of every frame hold the predefined registers.
Frame lay_out(const Routine &routine, uint32_t base);

} // namespace softgpu
