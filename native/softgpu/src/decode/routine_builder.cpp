// Decodes a routine statement by statement, then places it in the program.
#include "routine_builder.h"

#include "decoding.h"
#include "live_registers.h"

namespace softgpu {

uint32_t ProgramScope::special_offset(Special which) const {
    for (const SpecialSlot &slot : program.specials)
        if (slot.which == which) return slot.offset;
    throw std::logic_error("a predefined register that was not collected");
}

RoutineBuilder::RoutineBuilder(ProgramScope &scope, const Routine &routine)
    : scope_(scope), routine_(routine), frame_(lay_out(routine, scope.special_bytes)) {}

uint32_t RoutineBuilder::scratch(uint32_t bytes) {
    uint32_t at = frame_.bytes;
    frame_.bytes += (bytes + 63) / 64 * 64;
    return at;
}

uint32_t RoutineBuilder::sink() {
    if (sink_ == no_operand) sink_ = scratch(256);
    return sink_;
}

uint32_t RoutineBuilder::statement_of(std::string_view label, uint32_t line) const {
    auto found = routine_.labels.find(label);
    if (found == routine_.labels.end()) throw PtxError(line, "unknown label '" + std::string(label) + "'");
    return found->second;
}

void RoutineBuilder::decode() {
    std::vector<uint32_t> first(routine_.statements.size() + 1);
    LiveRegisters live(routine_);
    for (size_t i = 0; i < routine_.statements.size(); i++) {
        const Statement &statement = routine_.statements[i];
        first[i] = static_cast<uint32_t>(drafts_.size());
        Decoder decoder = decoder_of(statement.opcode);
        Decoding decoding(*this, statement);
        if (!decoder) decoding.unsupported("the instruction");
        decoder(decoding);
        live.add(uses_, definitions_, drafts_.back().flow, drafts_.back().targets, statement.guard >= 0);
        uses_.clear();
        definitions_.clear();
    }
    first.back() = static_cast<uint32_t>(drafts_.size());
    for (Draft &draft : drafts_)
        for (uint32_t &target : draft.targets) target = first[target];
    most_alive_ = live.most();
    place(std::move(drafts_), {scope_.program.code, scope_.program.texts, scope_.program.pool});
}

} // namespace softgpu
