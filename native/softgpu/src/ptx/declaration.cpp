// Variable declarations and their initialisers.
#include "declaration.h"

#include <bit>
#include <cstring>

namespace softgpu {
namespace {

struct Writer {
    Variable &variable;
    uint32_t width;

    void put(uint64_t bits) {
        for (uint32_t i = 0; i < width; i++) variable.initial.push_back(static_cast<uint8_t>(bits >> (8 * i)));
    }
};

uint64_t number_as(const Token &token, bool minus, Type type) {
    if (token.kind == TokenKind::Integer) {
        uint64_t value = minus ? 0 - token.bits : token.bits;
        if (type == Type::F32) return std::bit_cast<uint32_t>(static_cast<float>(static_cast<int64_t>(value)));
        if (type == Type::F64) return std::bit_cast<uint64_t>(static_cast<double>(static_cast<int64_t>(value)));
        return value;
    }
    if (token.kind == TokenKind::Float32) return token.bits ^ (minus ? 0x80000000u : 0u);
    uint64_t bits = token.bits ^ (minus ? 1ull << 63 : 0ull);
    if (type == Type::F32) return std::bit_cast<uint32_t>(static_cast<float>(std::bit_cast<double>(bits)));
    return bits;
}

// symbol, symbol+4, generic(symbol)+4
void put_symbol(Cursor &cursor, Writer &out) {
    bool generic = cursor.accept("generic");
    if (generic) cursor.expect("(");
    Relocation relocation{out.variable.initial.size(), std::string(cursor.word("a symbol").text), 0};
    if (generic) cursor.expect(")");
    if (cursor.accept("+")) relocation.addend = cursor.integer();
    if (out.width != 8) cursor.fail("an address needs an 8-byte element");
    out.variable.relocations.push_back(relocation);
    out.put(0);
}

void put_value(Cursor &cursor, Writer &out) {
    if (cursor.accept("{")) {
        while (!cursor.accept("}")) {
            put_value(cursor, out);
            cursor.accept(",");
        }
        return;
    }
    if (cursor.peek().kind == TokenKind::Word) return put_symbol(cursor, out);
    bool minus = cursor.accept("-");
    const Token &token = cursor.take();
    if (token.kind != TokenKind::Integer && token.kind != TokenKind::Float32 && token.kind != TokenKind::Float64)
        cursor.fail("expected an initial value");
    out.put(number_as(token, minus, out.variable.type));
}

} // namespace

std::optional<Space> space_named(std::string_view directive) {
    if (directive == ".global") return Space::Global;
    if (directive == ".shared") return Space::Shared;
    if (directive == ".local") return Space::Local;
    if (directive == ".param") return Space::Param;
    if (directive == ".const") return Space::Const;
    return std::nullopt;
}

DeclarationHead parse_head(Cursor &cursor) {
    DeclarationHead head;
    while (head.type == Type::None) {
        const Token &token = cursor.word("a type");
        std::string_view name = token.text;
        if (name == ".align") {
            head.align = static_cast<uint64_t>(cursor.integer());
        } else if (name == ".v2" || name == ".v4") {
            head.lanes = name == ".v2" ? 2 : 4;
        } else if (name == ".ptr") { // a hint about what a parameter points to
        } else if (name == ".attribute") {
            cursor.expect("(");
            while (!cursor.accept(")")) cursor.take();
        } else if (!name.empty() && name[0] == '.') {
            head.type = type_named(name.substr(1));
            if (head.type == Type::None) throw PtxError(token.line, "unsupported type '" + std::string(name) + "'", true);
        } else {
            throw PtxError(token.line, "expected a type before '" + std::string(name) + "'");
        }
    }
    return head;
}

Variable parse_variable(Cursor &cursor, Space space, const DeclarationHead &head) {
    Variable variable;
    variable.space = space;
    variable.type = head.type;
    uint64_t element = uint64_t(bytes_of(head.type)) * head.lanes;
    variable.align = head.align ? head.align : element;
    // `.param .u64 .ptr .global .align 16 name`: hints between type and name
    while (cursor.peek().kind == TokenKind::Word && cursor.peek().text[0] == '.') {
        if (cursor.take().is(".align")) cursor.integer();
    }
    variable.name = cursor.word("a name").text;
    uint64_t count = 1;
    bool unsized = false;
    while (cursor.accept("[")) {
        if (cursor.at("]")) unsized = true;
        else count *= static_cast<uint64_t>(cursor.integer());
        cursor.expect("]");
    }
    variable.bytes = unsized ? 0 : count * element;
    if (cursor.accept("=")) {
        Writer out{variable, bytes_of(head.type)};
        put_value(cursor, out);
        if (unsized) variable.bytes = variable.initial.size();
        if (variable.initial.size() > variable.bytes) cursor.fail("more initial values than '" + variable.name + "' holds");
    }
    return variable;
}

} // namespace softgpu
