// mma, ldmatrix, stmatrix, movmatrix.
#include "memory_modifiers.h"

#include <optional>

namespace softgpu {
namespace {

struct Variant { // every shape and element type of mma.sync that exists
    uint8_t m, n;
    uint16_t k;
    const char *element; // f16, bf16, tf32, f64, i8, i4, b1
};
constexpr Variant variants[] = {
    {16, 8, 8, "f16"}, {16, 8, 16, "f16"}, {16, 8, 8, "bf16"}, {16, 8, 16, "bf16"}, {16, 8, 4, "tf32"}, {16, 8, 8, "tf32"},
    {8, 8, 4, "f64"}, {8, 8, 16, "i8"}, {16, 8, 16, "i8"}, {16, 8, 32, "i8"}, {8, 8, 32, "i4"}, {16, 8, 32, "i4"}, {16, 8, 64, "i4"},
    {8, 8, 128, "b1"}, {16, 8, 128, "b1"}, {16, 8, 256, "b1"},
};

std::optional<Variant> known(uint8_t m, uint8_t n, uint16_t k, std::string_view element) {
    for (const Variant &v : variants)
        if (v.m == m && v.n == n && v.k == k && v.element == element) return v;
    return std::nullopt;
}

struct ElementFacts {
    Element element;
    std::string_view family;
    uint32_t bits;
};
ElementFacts element_of(Decoding &d, Type type, bool exclusive) {
    switch (type) {
    case Type::F16: return {Element::F16, "f16", 16};
    case Type::BF16: return {Element::BF16, "bf16", 16};
    case Type::TF32: return {Element::TF32, "tf32", 32};
    case Type::F64: return {Element::F64, "f64", 64};
    case Type::U8: return {Element::U8, "i8", 8};
    case Type::S8: return {Element::S8, "i8", 8};
    case Type::U4: return {Element::U4, "i4", 4};
    case Type::S4: return {Element::S4, "i4", 4};
    case Type::B1: return {exclusive ? Element::B1Xor : Element::B1And, "b1", 1};
    default: d.unsupported("a matrix of this type");
    }
}

std::vector<uint32_t> fragment(Decoding &d, std::size_t index, std::size_t length, Type type, bool destination) {
    const Operand &op = d.operand(index);
    std::vector<uint32_t> list;
    auto one = [&](const Operand &part) { list.push_back(destination ? d.destination(part, type) : d.source(part, type)); };
    if (op.kind == OperandKind::Vector)
        for (const Operand &part : op.parts) one(part);
    else one(op);
    if (list.size() != length) d.fail("operand " + std::to_string(index + 1) + " must have " + std::to_string(length) + " registers");
    return list;
}

void take_shape(Decoding &d, MatrixShape &shape) {
    for (const Variant &v : variants) {
        std::string name = "m" + std::to_string(v.m) + "n" + std::to_string(v.n) + "k" + std::to_string(v.k);
        if (!d.modifiers.take(name)) continue;
        shape.m = v.m;
        shape.n = v.n;
        shape.k = v.k;
        return;
    }
    d.unsupported("this shape of mma");
}

void multiply(Decoding &d) {
    if (d.modifiers.take("sp") || d.modifiers.take("sp::ordered_metadata")) d.unsupported("sparse mma");
    d.modifiers.take_all({"sync", "aligned"});
    MatrixShape shape;
    take_shape(d, shape);
    if (!d.modifiers.take("row") || !d.modifiers.take("col")) d.unsupported("a layout other than row.col");
    shape.saturate = d.modifiers.take("satfinite");
    bool exclusive = d.modifiers.take("xor"), both = d.modifiers.take("and");
    if (exclusive || both) d.modifiers.take("popc");
    shape.result = d.type();
    Type a = d.type(), b = d.type(), c = d.type();
    d.finish();
    ElementFacts fa = element_of(d, a, exclusive), fb = element_of(d, b, exclusive);
    shape.a = fa.element;
    shape.b = fb.element;
    if (fa.family != fb.family || c != shape.result || !known(shape.m, shape.n, shape.k, fa.family)) d.unsupported("this variant of mma");
    if (fa.family == "b1" && exclusive == both) d.fail("a product of bits needs .and.popc or .xor.popc");
    bool whole = fa.bits <= 8, f16_sum = shape.result == Type::F16;
    if (shape.result != (whole ? Type::S32 : fa.bits == 64 ? Type::F64 : f16_sum && fa.element == Element::F16 ? Type::F16 : Type::F32))
        d.unsupported("this accumulator of mma");
    uint32_t pieces = shape.k * fa.bits / 32;
    bool doubles = fa.bits == 64;
    Type part = doubles ? Type::F64 : Type::B32, sum = doubles ? Type::F64 : shape.result == Type::F32 ? Type::F32 : Type::B32;
    std::size_t results = doubles ? 2 : f16_sum ? shape.m / 8 : shape.m / 4;
    std::size_t in_a = doubles ? 1 : pieces / 4 * (shape.m / 8), in_b = doubles ? 1 : pieces / 4;
    std::vector<uint32_t> la = fragment(d, 1, in_a, part, false), lb = fragment(d, 2, in_b, part, false);
    std::vector<uint32_t> lc = fragment(d, 3, results, sum, false), ld = fragment(d, 0, results, sum, true);
    d.pool({&ld, &la, &lb, &lc});
    d.in.mode = shape.m;
    d.in.width = static_cast<uint8_t>(pieces);
    d.emit(handlers().matrix(shape), Kind::Matrix);
}

template <bool Store> void move(Decoding &d) {
    d.modifiers.take_all({"sync", "aligned"});
    if (!d.modifiers.take("m8n8")) d.unsupported("matrices other than m8n8");
    int number = d.modifiers.take_one({"x1", "x2", "x4"});
    if (number < 0) d.fail("the number of matrices is missing");
    bool transposed = d.modifiers.take("trans"), constant;
    d.in.space = take_space(d.modifiers, constant);
    if (d.modifiers.take_type() != Type::B16) d.unsupported("matrices of other elements than .b16");
    d.finish();
    d.in.count = static_cast<uint8_t>(1 << number);
    d.address(Store ? 0 : 1);
    std::vector<uint32_t> list = fragment(d, Store ? 1 : 0, d.in.count, Type::B32, !Store);
    d.pool({&list});
    note_shared_access(d, AccessSpace::Shared, 16);
    d.emit(Store ? handlers().matrix_store(transposed) : handlers().matrix_load(transposed), Store ? Kind::StoreShared : Kind::MatrixLoad);
}

void transpose(Decoding &d) {
    d.modifiers.take_all({"sync", "aligned", "trans"});
    if (!d.modifiers.take("m8n8") || d.type() != Type::B16) d.unsupported("movmatrix of this shape");
    d.finish();
    d.in.operand[1] = d.source(1, Type::B32);
    d.in.operand[0] = d.destination(0, Type::B32);
    d.emit(handlers().matrix_move(), Kind::Exchange);
}

} // namespace

std::span<const DecoderEntry> matrix_decoders() {
    static constexpr DecoderEntry table[] = {
        {"mma", multiply}, {"ldmatrix", move<false>}, {"stmatrix", move<true>}, {"movmatrix", transpose}};
    return table;
}

} // namespace softgpu
