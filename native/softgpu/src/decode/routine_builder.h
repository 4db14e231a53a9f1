// What decoding a routine needs to know of its surroundings: where registers and variables lie, which routines exist.
#pragma once

#include "../program/draft.h"
#include "../program/frame.h"
#include "../ptx/syntax.h"

#include <map>
#include <string_view>

namespace softgpu {

// Addresses fixed when a module is loaded, by index of the module's variables. Shared variables get theirs per kernel.
struct ModuleAddresses {
    std::vector<uint64_t> variables;
};

// Names and addresses that all routines of one program share.
struct ProgramScope {
    const ModuleSyntax &module;
    const ModuleAddresses &addresses;
    Program &program;
    Constants constants{program};
    std::map<int32_t, uint64_t> module_shared = {};                          // variable of the module → offset
    std::map<std::pair<const Routine *, int32_t>, uint64_t> own_shared = {}; // variable of a routine → offset
    std::map<std::string, int32_t, std::less<>> routine_index = {};          // name → index in program.routines
    uint32_t special_offset(Special which) const;
    uint32_t special_bytes = 0;
};

class RoutineBuilder {
public:
    RoutineBuilder(ProgramScope &scope, const Routine &routine);

    const Routine &routine() const { return routine_; }
    ProgramScope &scope() { return scope_; }
    Program &program() { return scope_.program; }
    Constants &constants() { return scope_.constants; }
    const Frame &frame() const { return frame_; }
    Type register_type(int32_t index) const { return routine_.registers[static_cast<std::size_t>(index)].type; }
    uint32_t register_offset(int32_t index) const { return frame_.registers[static_cast<std::size_t>(index)]; }

    uint32_t scratch(uint32_t bytes); // a new place in the frame
    uint32_t sink();                  // a place nobody reads

    void add(Draft draft) { drafts_.push_back(std::move(draft)); }
    void decode(); // all statements, then their placement in the program
    uint32_t statement_of(std::string_view label, uint32_t line) const;

    // For the estimate of registers: what the current instruction reads and writes.
    void reads(int32_t index) { uses_.push_back(index); }
    void writes(int32_t index) { definitions_.push_back(index); }
    uint32_t frame_bytes() const { return frame_.bytes; }
    uint32_t most_alive() const { return most_alive_; }

private:
    ProgramScope &scope_;
    const Routine &routine_;
    Frame frame_;
    std::vector<Draft> drafts_;
    std::vector<int32_t> uses_, definitions_;
    uint32_t sink_ = no_operand;
    uint32_t most_alive_ = 0;
};

} // namespace softgpu
