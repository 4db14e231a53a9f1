// cvt and its many forms.
#include "../exec/convert_flags.h"
#include "decoding.h"

namespace softgpu {
namespace {

Type value_type(Type type) { // bits are read as unsigned numbers
    switch (type) {
    case Type::B8: return Type::U8;
    case Type::B16: return Type::U16;
    case Type::B32: return Type::U32;
    case Type::B64: return Type::U64;
    default: return type;
    }
}

struct Form {
    Rounding rounding = Rounding::Nearest;
    bool whole = false, flush = false, saturate = false, relu = false;
    uint8_t flags() const {
        return static_cast<uint8_t>((saturate ? convert_saturate : 0) | (flush ? convert_flush : 0) | (relu ? convert_relu : 0) |
                                    (whole ? convert_whole : 0));
    }
};

Form take_form(Decoding &d) {
    Form form;
    bool given;
    form.rounding = take_rounding(d.modifiers, given);
    int whole = d.modifiers.take_one({"rni", "rzi", "rmi", "rpi"});
    if (whole >= 0) {
        form.whole = true;
        form.rounding = static_cast<Rounding>(whole);
    }
    form.flush = d.modifiers.take("ftz");
    form.saturate = d.modifiers.take("sat");
    form.relu = d.modifiers.take("relu");
    return form;
}

void pair(Decoding &d, Type to, const Form &form) {
    if (d.type() != Type::F32) d.unsupported("a pair of this type");
    d.finish();
    d.in.operand[1] = d.source(1, Type::F32);
    d.in.operand[2] = d.source(2, Type::F32);
    d.in.operand[0] = d.destination(0, to);
    d.in.mode = static_cast<uint8_t>(form.rounding);
    d.in.detail = form.flags();
    d.emit(handlers().convert_pair(to), Kind::Conversion);
}

void convert(Decoding &d) {
    Form form = take_form(d);
    Type to = value_type(d.type());
    if (to == Type::F16x2 || to == Type::BF16x2) return pair(d, to, form);
    Type from = value_type(d.type());
    d.finish();
    if (d.count() != 2) d.fail("expected 2 operands");
    if (form.rounding == Rounding::NearestAway && to != Type::TF32) d.unsupported("this rounding");
    uint32_t source_bytes, destination_bytes;
    d.in.operand[1] = d.wide_source(d.operand(1), from, source_bytes);
    d.in.operand[0] = d.wide_destination(d.operand(0), to, destination_bytes);
    d.in.width = static_cast<uint8_t>(source_bytes);
    d.in.register_width = static_cast<uint8_t>(destination_bytes);
    d.in.mode = static_cast<uint8_t>(form.rounding);
    d.in.detail = form.flags();
    if (is_float(to) && is_float(from)) { // a float keeps its type only to be rounded to a whole number, clamped or flushed
        if (to == from && to != Type::TF32) d.in.detail |= form.whole ? convert_whole : 0;
    } else {
        d.in.detail &= static_cast<uint8_t>(~convert_whole);
    }
    if (!is_float(to) && is_float(from) && form.saturate) d.in.detail &= static_cast<uint8_t>(~convert_saturate); // it clamps anyway
    bool straight = source_bytes == bytes_of(from) && destination_bytes == bytes_of(to);
    Handler handler = handlers().convert(to, from, straight);
    bool rounds = (to == Type::F32 && (from == Type::F64 || !is_float(from))) || (to == Type::F64 && !is_float(from));
    if (handler && rounds && form.rounding != Rounding::Nearest) {
        d.in.inner = handler;
        handler = handlers().directed_rounding();
    }
    d.emit(handler, Kind::Conversion);
}

} // namespace

std::span<const DecoderEntry> convert_decoders() {
    static constexpr DecoderEntry table[] = {{"cvt", convert}};
    return table;
}

} // namespace softgpu
