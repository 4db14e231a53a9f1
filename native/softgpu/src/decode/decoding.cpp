// Operands and modifiers of one statement.
#include "decoding.h"

#include "../run/control.h"

#include <bit>

namespace softgpu {

void Decoding::reset() {
    in = Instruction{};
    in.line = statement.line;
    if (statement.guard >= 0) {
        in.guard = routine.register_offset(statement.guard);
        in.guard_negated = statement.guard_negated;
        routine.reads(statement.guard);
    }
}

void Decoding::fail(const std::string &what) const {
    throw PtxError(statement.line, what + " in '" + std::string(statement.text) + "'");
}
void Decoding::unsupported(const std::string &what) const {
    throw PtxError(statement.line, what + " is not supported: '" + std::string(statement.text) + "'", true);
}

Type Decoding::type() {
    Type type = modifiers.take_type();
    if (type == Type::None) unsupported(modifiers.first().empty() ? "an instruction without a type" : "the type '" + std::string(modifiers.first()) + "'");
    return type;
}

const Operand &Decoding::operand(std::size_t index) const {
    if (index >= statement.operands.size()) fail("operand " + std::to_string(index + 1) + " is missing");
    return statement.operands[index];
}

uint64_t Decoding::literal_bits(const Operand &op, Type type) const {
    switch (op.kind) {
    case OperandKind::Integer:
        if (is_float(type) && bits_of(type) >= 32 && op.bits != 0) fail("an integer literal where a floating-point number is needed");
        return op.bits;
    case OperandKind::Float32:
        if (bits_of(type) == 64) return std::bit_cast<uint64_t>(static_cast<double>(std::bit_cast<float>(static_cast<uint32_t>(op.bits))));
        return op.bits;
    default:
        if (bits_of(type) == 32) return std::bit_cast<uint32_t>(static_cast<float>(std::bit_cast<double>(op.bits)));
        return op.bits;
    }
}

uint32_t Decoding::source(const Operand &op, Type type) {
    uint32_t bytes = bytes_of(type);
    switch (op.kind) {
    case OperandKind::Register:
        if (op.negated) fail("'!' on an operand that is not a predicate");
        if (routine.register_type(op.index) == Type::Pred || bits_of(routine.register_type(op.index)) != bits_of(type))
            fail("register '" + routine.routine().registers[static_cast<std::size_t>(op.index)].name + "' has not the width of ." + std::string(facts(type).name));
        routine.reads(op.index);
        return routine.register_offset(op.index);
    case OperandKind::Integer: case OperandKind::Float32: case OperandKind::Float64: return literal(literal_bits(op, type), bytes);
    case OperandKind::Special: {
        auto special = special_named(op.name);
        if (!special) unsupported("the register '" + std::string(op.name) + "'");
        if (changes(special->which)) fail("'" + std::string(op.name) + "' can only be read by mov");
        if (special->bits != bits_of(type)) fail("'" + std::string(op.name) + "' has not the width of ." + std::string(facts(type).name));
        return routine.scope().special_offset(special->which);
    }
    case OperandKind::Module: {
        const ProgramScope &scope = routine.scope();
        auto shared = scope.module_shared.find(op.index);
        uint64_t address = shared != scope.module_shared.end() ? shared->second : scope.addresses.variables[static_cast<std::size_t>(op.index)];
        return literal(address + static_cast<uint64_t>(op.offset), bytes);
    }
    case OperandKind::Local: {
        const Variable &variable = routine.routine().variables[static_cast<std::size_t>(op.index)];
        if (variable.space == Space::Shared)
            return literal(routine.scope().own_shared.at({&routine.routine(), op.index}) + static_cast<uint64_t>(op.offset), bytes);
        if (variable.space == Space::Param && routine.routine().is_entry && op.index < static_cast<int32_t>(routine.routine().parameters.size()))
            return literal(routine.program().parameters[static_cast<std::size_t>(op.index)].offset + static_cast<uint64_t>(op.offset), bytes);
        if (variable.space == Space::Local) {
            uint32_t place = routine.scratch(32 * bytes);
            Instruction kept = in;
            reset();
            in.operand[0] = place;
            in.width = static_cast<uint8_t>(bytes);
            in.immediate = static_cast<int64_t>(routine.frame().locals[static_cast<std::size_t>(op.index)]) + op.offset;
            emit(control::local_address, Kind::Synthetic);
            in = kept;
            return place;
        }
        unsupported("the address of parameter '" + variable.name + "' of a function");
    }
    case OperandKind::Name: {
        auto found = routine.scope().routine_index.find(op.name);
        if (found == routine.scope().routine_index.end()) fail("unknown name '" + std::string(op.name) + "'");
        return literal(function_address | static_cast<uint64_t>(found->second), bytes);
    }
    default: fail("an operand of the wrong kind");
    }
}

uint32_t Decoding::destination(const Operand &op, Type type) {
    if (op.kind == OperandKind::Sink) return routine.sink();
    if (op.kind != OperandKind::Register) fail("a destination must be a register");
    if (routine.register_type(op.index) == Type::Pred || bits_of(routine.register_type(op.index)) != bits_of(type))
        fail("register '" + routine.routine().registers[static_cast<std::size_t>(op.index)].name + "' has not the width of ." + std::string(facts(type).name));
    routine.writes(op.index);
    return routine.register_offset(op.index);
}

uint32_t Decoding::predicate_source(const Operand &op, bool &negated) {
    negated = op.negated;
    if (op.kind == OperandKind::Integer) {
        negated ^= op.bits == 0;
        return routine.constants().mask(0xffffffffu);
    }
    if (op.kind != OperandKind::Register || routine.register_type(op.index) != Type::Pred) fail("a predicate is needed");
    routine.reads(op.index);
    return routine.register_offset(op.index);
}

uint32_t Decoding::predicate_destination(const Operand &op) {
    if (op.kind == OperandKind::Sink) return routine.sink();
    if (op.kind != OperandKind::Register || routine.register_type(op.index) != Type::Pred) fail("a predicate is needed as destination");
    return routine.register_offset(op.index);
}

uint32_t Decoding::wide_source(const Operand &op, Type type, uint32_t &bytes) {
    bytes = bytes_of(type);
    if (op.kind != OperandKind::Register) return source(op, type);
    Type own = routine.register_type(op.index);
    if (own == Type::Pred || bytes_of(own) < bytes) fail("a register narrower than ." + std::string(facts(type).name));
    bytes = bytes_of(own);
    routine.reads(op.index);
    return routine.register_offset(op.index);
}

uint32_t Decoding::wide_destination(const Operand &op, Type type, uint32_t &bytes) {
    bytes = bytes_of(type);
    if (op.kind == OperandKind::Sink) return routine.sink();
    if (op.kind != OperandKind::Register) fail("a destination must be a register");
    Type own = routine.register_type(op.index);
    if (own == Type::Pred || bytes_of(own) < bytes) fail("a register narrower than ." + std::string(facts(type).name));
    bytes = bytes_of(own);
    routine.writes(op.index);
    return routine.register_offset(op.index);
}

const Variable *Decoding::address(std::size_t index) {
    const Operand &memory = operand(index);
    if (memory.kind != OperandKind::Memory) fail("operand " + std::to_string(index + 1) + " must be an address");
    const Operand &base = memory.parts[0];
    in.immediate = memory.offset;
    if (base.kind == OperandKind::Register) {
        Type own = routine.register_type(base.index);
        if (bits_of(own) != 32 && bits_of(own) != 64) fail("an address must be in a register of 32 or 64 bits");
        if (bits_of(own) == 32) in.detail |= 1;
        in.operand[0] = source(base, own);
        return nullptr;
    }
    if (base.kind == OperandKind::Local) {
        const Variable &variable = routine.routine().variables[static_cast<std::size_t>(base.index)];
        bool kernel = routine.routine().is_entry && base.index < static_cast<int32_t>(routine.routine().parameters.size());
        if (variable.space == Space::Param && !kernel) {
            const LaneArea &area = routine.frame().areas[static_cast<std::size_t>(base.index)];
            in.operand[0] = area.offset;
            in.target = area.stride;
            return &variable;
        }
        in.operand[0] = source(base, Type::B64);
        return &variable;
    }
    in.operand[0] = source(base, Type::B64);
    return base.kind == OperandKind::Module ? &routine.scope().module.variables[static_cast<std::size_t>(base.index)] : nullptr;
}

void Decoding::pool(std::initializer_list<const std::vector<uint32_t> *> lists) {
    std::vector<uint32_t> &all = routine.program().pool;
    in.pool = static_cast<uint32_t>(all.size());
    for (const auto *list : lists) all.insert(all.end(), list->begin(), list->end());
}

void Decoding::emit(Handler handler, Kind kind, Flow flow, std::vector<uint32_t> targets) {
    if (!handler) unsupported("this combination of operation and type");
    in.run = handler;
    in.kind = kind;
    routine.add({in, flow, std::move(targets), std::string(statement.text)});
    reset();
}

void Decoding::finish() {
    if (!modifiers.first().empty()) unsupported("the modifier '." + std::string(modifiers.first()) + "'");
}

Decoder decoder_of(std::string_view opcode) {
    static const std::map<std::string_view, Decoder> all = [] {
        std::map<std::string_view, Decoder> map;
        for (auto table : {arithmetic_decoders, carry_decoders, function_decoders, logic_decoders, compare_decoders, move_decoders,
                           convert_decoders, memory_decoders, atomic_decoders, async_decoders, matrix_decoders, exchange_decoders,
                           control_decoders})
            for (const DecoderEntry &entry : table()) map[entry.opcode] = entry.decode;
        return map;
    }();
    auto found = all.find(opcode);
    return found == all.end() ? nullptr : found->second;
}

Kind arithmetic_kind(Type type) {
    switch (type) {
    case Type::F32: case Type::TF32: return Kind::Float;
    case Type::F64: return Kind::Double;
    case Type::F16: case Type::BF16: case Type::F16x2: case Type::BF16x2: return Kind::Half;
    default: return Kind::Integer;
    }
}

Rounding take_rounding(Modifiers &modifiers, bool &given) {
    int which = modifiers.take_one({"rn", "rz", "rm", "rp", "rna"});
    given = which >= 0;
    return which < 0 ? Rounding::Nearest : static_cast<Rounding>(which);
}

} // namespace softgpu
