// mov with packing of vectors, cvta, isspacep, and the registers that change while a block runs.
#include "../exec/block.h"
#include "../run/control.h"
#include "decoding.h"

namespace softgpu {
namespace {

void move_predicate(Decoding &d) {
    bool negated;
    d.in.operand[1] = d.predicate_source(d.operand(1), negated);
    d.in.detail = negated;
    d.in.operand[0] = d.predicate_destination(d.operand(0));
    d.emit(handlers().predicate_logic(IntegerOp::Add), Kind::Move);
}

// One side is a vector of registers, the other a register as wide as all of them.
void pack(Decoding &d, Type type) {
    const Operand &to = d.operand(0), &from = d.operand(1);
    std::size_t parts = to.kind == OperandKind::Vector ? to.parts.size() : from.parts.size();
    if (parts == 0 || bits_of(type) % parts) d.fail("a vector that does not divide ." + std::string(facts(type).name));
    uint32_t part_bytes = bytes_of(type) / static_cast<uint32_t>(parts);
    Type part = part_bytes == 1 ? Type::B8 : part_bytes == 2 ? Type::B16 : part_bytes == 4 ? Type::B32 : Type::B64;
    std::vector<uint32_t> destinations, sources;
    auto each = [&](const Operand &side, bool destination) {
        bool vector = side.kind == OperandKind::Vector;
        if (vector && side.parts.size() != parts) d.fail("vectors of different lengths");
        (destination ? d.in.width : d.in.register_width) = static_cast<uint8_t>(vector ? part_bytes : bytes_of(type));
        auto one = [&](const Operand &op, Type t) { return destination ? d.destination(op, t) : d.source(op, t); };
        std::vector<uint32_t> &list = destination ? destinations : sources;
        if (!vector) list.push_back(one(side, type));
        else
            for (const Operand &op : side.parts) list.push_back(op.kind == OperandKind::Sink ? no_operand : one(op, part));
    };
    each(to, true);
    each(from, false);
    d.pool({&destinations, &sources});
    d.in.detail = static_cast<uint8_t>(destinations.size());
    d.in.count = static_cast<uint8_t>(destinations.size() + sources.size());
    d.emit(handlers().pack(), Kind::Move);
}

void move(Decoding &d) {
    Type type = d.type();
    d.finish();
    if (d.count() != 2) d.fail("expected 2 operands");
    if (type == Type::Pred) return move_predicate(d);
    const Operand &from = d.operand(1);
    if (d.operand(0).kind == OperandKind::Vector || from.kind == OperandKind::Vector) return pack(d, type);
    if (from.kind == OperandKind::Special) {
        auto special = special_named(from.name);
        if (special && changes(special->which)) {
            if (special->bits != bits_of(type)) d.fail("'" + std::string(from.name) + "' has another width");
            d.in.operand[0] = d.destination(0, type);
            d.in.mode = static_cast<uint8_t>(special->which);
            return d.emit(control::read_clock, Kind::Move);
        }
    }
    if (type == Type::B128) d.unsupported("a move of 128 bits");
    d.in.operand[1] = d.source(1, type);
    d.in.operand[0] = d.destination(0, type);
    d.emit(handlers().move(bytes_of(type)), Kind::Move);
}

// Generic addresses of global and constant memory are the addresses themselves; the other spaces are windows.
uint64_t window_of(Decoding &d) {
    bool to_global = d.modifiers.take("global") || d.modifiers.take("const");
    if (to_global) return 0;
    if (d.modifiers.take("shared") || d.modifiers.take("shared::cta") || d.modifiers.take("shared::cluster")) return shared_window;
    if (d.modifiers.take("local")) return local_window;
    if (d.modifiers.take("param") || d.modifiers.take("param::entry")) return param_window;
    d.fail("an address space is missing");
}

void convert_address(Decoding &d) {
    bool back = d.modifiers.take("to");
    uint64_t window = window_of(d);
    Type type = d.type();
    d.finish();
    if (type != Type::U64) d.unsupported("a generic address that is not .u64");
    d.in.operand[1] = d.source(1, type);
    d.in.operand[2] = d.literal(window, 8);
    d.in.operand[0] = d.destination(0, type);
    if (window == 0) return d.emit(handlers().move(8), Kind::Move);
    d.emit(handlers().integer(back ? IntegerOp::Sub : IntegerOp::Add, type), Kind::Integer);
}

void is_space(Decoding &d) {
    bool global = d.modifiers.take("global"), constant = !global && d.modifiers.take("const");
    uint64_t window = global || constant ? 0 : window_of(d);
    d.finish();
    if (constant) d.unsupported("isspacep.const");
    uint32_t p = d.predicate_destination(d.operand(0)), shifted = d.routine.scratch(256);
    d.in.operand[1] = d.source(1, Type::U64);
    d.in.operand[2] = d.literal(window, 8);
    d.in.operand[0] = shifted;
    d.emit(handlers().integer(IntegerOp::Sub, Type::U64), Kind::Synthetic);
    d.in.operand[0] = p;
    d.in.operand[2] = shifted;
    d.in.operand[3] = d.literal(global ? shared_window : window_bytes, 8);
    d.emit(handlers().compare(Comparison::Lt, Type::U64, false), Kind::Compare);
}

} // namespace

std::span<const DecoderEntry> move_decoders() {
    static constexpr DecoderEntry table[] = {{"mov", move}, {"cvta", convert_address}, {"isspacep", is_space}};
    return table;
}

} // namespace softgpu
