// A parsed PTX module: variables, functions, and instructions whose names are resolved but whose meaning is not yet decoded.
#pragma once

#include "type.h"

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace softgpu {

enum class Space : uint8_t { Generic, Global, Shared, Local, Param, Const };

// An address stored inside an initialiser.
struct Relocation {
    uint64_t offset;
    std::string symbol;
    int64_t addend;
};

struct Variable {
    std::string name;
    Space space;
    Type type = Type::B8;
    uint64_t align = 1;
    uint64_t bytes = 0; // 0 for an unsized extern array
    bool is_extern = false;
    std::vector<uint8_t> initial;
    std::vector<Relocation> relocations;
};

struct Register {
    std::string name;
    Type type;
};

enum class OperandKind : uint8_t {
    Register, Special, Integer, Float32, Float64, Local /* a variable of the function */, Module /* one of the module */,
    Name /* a label or a function */, Memory, Vector, List, Pair, Sink
};

struct Operand {
    OperandKind kind;
    int32_t index = -1;    // register, or variable of the function or module
    std::string_view name = {}; // special register, label, function
    uint64_t bits = 0;     // number
    int64_t offset = 0;    // added to a variable or an address
    bool negated = false;  // !p
    std::vector<Operand> parts = {};
};

struct Statement {
    uint32_t line = 0;
    std::string_view text; // as written, for messages
    int32_t guard = -1;    // predicate register
    bool guard_negated = false;
    std::string_view opcode; // first part: "ld"
    std::vector<std::string_view> modifiers;
    std::vector<Operand> operands;
};

struct Routine {
    std::string name;
    uint32_t line = 0;
    bool is_entry = false;
    bool has_body = false;
    std::vector<Variable> parameters;
    std::vector<Variable> results;
    std::vector<Register> registers;
    std::vector<Variable> variables; // parameters and results first, then those declared inside
    std::vector<Statement> statements;
    std::map<std::string, uint32_t, std::less<>> labels; // to the statement that follows
    std::map<std::string, std::vector<std::string>, std::less<>> branch_targets;
    uint32_t max_threads = 0; // product of .maxntid or .reqntid, 0 if absent
    uint32_t required_threads[3] = {0, 0, 0};
    uint32_t max_registers = 0;
    uint32_t min_blocks = 0;
};

struct ModuleSyntax {
    std::string text; // statements refer into it
    std::string version, target;
    std::vector<Variable> variables;
    std::vector<Routine> routines;
};

ModuleSyntax parse_module(std::string text);

} // namespace softgpu
