// One statement while it becomes an instruction: access to its modifiers and operands, with the checks that PTX asks for.
#pragma once

#include "../exec/handlers.h"
#include "../program/draft.h"
#include "../ptx/error.h"
#include "../ptx/syntax.h"
#include "modifiers.h"
#include "routine_builder.h"

#include <span>

namespace softgpu {

class Decoding {
public:
    Decoding(RoutineBuilder &routine, const Statement &statement)
        : statement(statement), modifiers(statement.modifiers), routine(routine) {
        reset();
    }

    const Statement &statement;
    Modifiers modifiers;
    RoutineBuilder &routine;
    Instruction in;

    [[noreturn]] void fail(const std::string &what) const;        // malformed
    [[noreturn]] void unsupported(const std::string &what) const; // beyond this device
    Type type(); // the next type modifier, which must be there
    std::size_t count() const { return statement.operands.size(); }
    const Operand &operand(std::size_t index) const;

    uint32_t source(std::size_t index, Type type) { return source(operand(index), type); }
    uint32_t source(const Operand &operand, Type type);
    uint32_t destination(std::size_t index, Type type) { return destination(operand(index), type); }
    uint32_t destination(const Operand &operand, Type type); // of '_': a place nobody reads
    uint32_t predicate_source(const Operand &operand, bool &negated);
    uint32_t predicate_destination(const Operand &operand);
    // Registers that may be wider than the type: ld, st, cvt.
    uint32_t wide_source(const Operand &operand, Type type, uint32_t &bytes);
    uint32_t wide_destination(const Operand &operand, Type type, uint32_t &bytes);
    uint32_t literal(uint64_t bits, uint32_t bytes) { return routine.constants().lanes(bits, bytes); }

    // Sets operand 0 and the displacement for [address]; answers the variable it names, if any.
    const Variable *address(std::size_t index);

    void pool(std::initializer_list<const std::vector<uint32_t> *> lists); // operands beyond six

    // Adds the instruction; the handler must exist for what was asked. The next one starts fresh, with the same guard.
    void emit(Handler handler, Kind kind, Flow flow = Flow::Next, std::vector<uint32_t> targets = {});
    void finish(); // no modifier may be left

private:
    void reset();
    uint64_t literal_bits(const Operand &operand, Type type) const;
};

using Decoder = void (*)(Decoding &);
struct DecoderEntry {
    std::string_view opcode;
    Decoder decode;
};

// One table a file.
std::span<const DecoderEntry> arithmetic_decoders();
std::span<const DecoderEntry> carry_decoders();
std::span<const DecoderEntry> function_decoders();
std::span<const DecoderEntry> logic_decoders();
std::span<const DecoderEntry> compare_decoders();
std::span<const DecoderEntry> move_decoders();
std::span<const DecoderEntry> convert_decoders();
std::span<const DecoderEntry> memory_decoders();
std::span<const DecoderEntry> atomic_decoders();
std::span<const DecoderEntry> async_decoders();
std::span<const DecoderEntry> matrix_decoders();
std::span<const DecoderEntry> exchange_decoders();
std::span<const DecoderEntry> control_decoders();

Decoder decoder_of(std::string_view opcode); // null if unknown

// Shared by several families.
Kind arithmetic_kind(Type type);
Rounding take_rounding(Modifiers &modifiers, bool &given);

} // namespace softgpu
