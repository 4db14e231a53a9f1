// A program holds the kernel and what it can reach: the routines it calls, the shared variables they name, the predefined
// registers they read. Shared variables get their places per kernel, so that each is charged only what it uses.
#include "build.h"

#include "../ptx/error.h"

#include <algorithm>
#include <functional>
#include <set>

namespace softgpu {
namespace {

uint64_t aligned(uint64_t offset, uint64_t to) { return to ? (offset + to - 1) / to * to : offset; }

class Builder {
public:
    Builder(const ModuleSyntax &module, const ModuleAddresses &addresses, Program &program)
        : module_(module), program_(program), scope_{module, addresses, program} {}

    void run(const Routine &kernel) {
        reach(kernel);
        parameters(kernel);
        place_specials();
        place_shared();
        for (std::size_t i = 0; i < routines_.size(); i++) routine(i);
    }

private:
    const Routine *routine_named(std::string_view name) const {
        for (const Routine &routine : module_.routines)
            if (routine.name == name) return &routine;
        return nullptr;
    }

    void reach(const Routine &routine) {
        if (scope_.routine_index.contains(routine.name)) return;
        scope_.routine_index.emplace(routine.name, static_cast<int32_t>(routines_.size()));
        routines_.push_back(&routine);
        for (const Statement &statement : routine.statements) {
            // labels are names too, but never those of functions where a branch is meant
            if (statement.opcode == "bra" || statement.opcode == "brx") continue;
            for (const Operand &operand : statement.operands) visit(routine, statement, operand);
        }
    }

    void visit(const Routine &routine, const Statement &statement, const Operand &operand) {
        switch (operand.kind) {
        case OperandKind::Name:
            if (const Routine *called = routine_named(operand.name)) reach(*called);
            break;
        case OperandKind::Special:
            if (auto special = special_named(operand.name); special && !changes(special->which)) specials_[special->which] = special->bits;
            break;
        case OperandKind::Module:
            if (module_.variables[static_cast<std::size_t>(operand.index)].space == Space::Shared) shared_.insert(operand.index);
            break;
        case OperandKind::Local:
            if (routine.variables[static_cast<std::size_t>(operand.index)].space == Space::Shared) own_shared_.insert({&routine, operand.index});
            break;
        default: break;
        }
        for (const Operand &part : operand.parts) visit(routine, statement, part);
    }

    void parameters(const Routine &kernel) {
        uint64_t at = 0;
        for (const Variable &parameter : kernel.parameters) {
            at = aligned(at, parameter.align);
            program_.parameters.push_back({static_cast<uint32_t>(at), static_cast<uint32_t>(parameter.bytes)});
            at += parameter.bytes;
        }
        program_.parameter_bytes = static_cast<uint32_t>(at);
    }

    void place_specials() {
        uint32_t at = 0;
        for (auto [which, bits] : specials_) {
            program_.specials.push_back({which, at});
            at += 32 * bits / 8;
        }
        program_.special_bytes = scope_.special_bytes = static_cast<uint32_t>(aligned(at, 64));
    }

    // Static variables first; every extern array starts where they end.
    void place_shared() {
        uint64_t at = 0, align = 16;
        auto put = [&](const Variable &variable) {
            at = aligned(at, variable.align);
            uint64_t place = at;
            at += variable.bytes;
            return place;
        };
        auto is_dynamic = [](const Variable &variable) { return variable.is_extern || variable.bytes == 0; };
        for (auto [owner, index] : own_shared_) {
            const Variable &variable = owner->variables[static_cast<std::size_t>(index)];
            if (!is_dynamic(variable)) scope_.own_shared[{owner, index}] = put(variable);
        }
        for (int32_t index : shared_) {
            const Variable &variable = module_.variables[static_cast<std::size_t>(index)];
            if (!is_dynamic(variable)) scope_.module_shared[index] = put(variable);
            else align = std::max(align, variable.align);
        }
        program_.shared_bytes = static_cast<uint32_t>(at);
        uint64_t dynamic = aligned(at, align);
        for (int32_t index : shared_)
            if (is_dynamic(module_.variables[static_cast<std::size_t>(index)])) {
                scope_.module_shared[index] = dynamic;
                program_.shared_bytes = static_cast<uint32_t>(dynamic);
            }
        for (auto [owner, index] : own_shared_)
            if (is_dynamic(owner->variables[static_cast<std::size_t>(index)])) {
                scope_.own_shared[{owner, index}] = dynamic;
                program_.shared_bytes = static_cast<uint32_t>(dynamic);
            }
    }

    void routine(std::size_t index) {
        const Routine &routine = *routines_[index];
        CalledRoutine called;
        called.name = routine.name;
        called.entry = static_cast<uint32_t>(program_.code.size());
        if (!routine.has_body) {
            if (routine.name == "vprintf") called.built_in = BuiltIn::Printf;
            else if (routine.name == "__assertfail") called.built_in = BuiltIn::AssertFail;
            else throw PtxError(routine.line, "the function '" + routine.name + "' has no body", true);
            program_.routines.push_back(std::move(called));
            return;
        }
        RoutineBuilder builder(scope_, routine);
        builder.decode();
        called.frame_bytes = builder.frame_bytes();
        called.local_bytes = builder.frame().local_bytes;
        std::size_t inputs = routine.parameters.size();
        if (!routine.is_entry) {
            for (std::size_t i = 0; i < inputs; i++) called.parameters.push_back(builder.frame().areas[i]);
            for (std::size_t i = 0; i < routine.results.size(); i++) called.results.push_back(builder.frame().areas[inputs + i]);
        }
        program_.registers = std::max(program_.registers, builder.most_alive());
        program_.routines.push_back(std::move(called));
    }

    const ModuleSyntax &module_;
    Program &program_;
    ProgramScope scope_;
    std::vector<const Routine *> routines_;
    std::map<Special, uint32_t> specials_;
    std::set<int32_t> shared_;
    std::set<std::pair<const Routine *, int32_t>> own_shared_;
};

int digits_of(const std::string &text) {
    int value = 0;
    for (char c : text)
        if (c >= '0' && c <= '9') value = value * 10 + (c - '0');
    return value;
}

} // namespace

Program build_program(const ModuleSyntax &module, const ModuleAddresses &addresses, const Routine &kernel) {
    Program program;
    program.name = kernel.name;
    Builder(module, addresses, program).run(kernel);
    constexpr uint32_t overhead = 8, granule = 8, most = 255;
    program.registers = std::min(most, (program.registers + overhead + granule - 1) / granule * granule);
    if (kernel.max_registers) program.registers = std::min(program.registers, kernel.max_registers);
    program.max_threads = kernel.max_threads;
    // as the assembler does, spill rather than break the promise of .maxntid and .minnctapersm
    if (kernel.max_threads) {
        uint32_t blocks = std::max(1u, kernel.min_blocks), limit = 65536 / std::max(1u, kernel.max_threads * blocks) / granule * granule;
        program.registers = std::min(program.registers, std::max(granule, limit));
    }
    std::copy(kernel.required_threads, kernel.required_threads + 3, program.required_threads);
    for (const Variable &variable : module.variables)
        if (variable.space == Space::Const) program.constant_bytes += static_cast<uint32_t>(variable.bytes);
    program.ptx_version = digits_of(module.version);
    program.target = digits_of(module.target);
    return program;
}

} // namespace softgpu
