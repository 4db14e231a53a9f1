// Splits PTX text into tokens. A word keeps its dots ("ld.global.nc.v4.u32", "%tid.x", ".reg").
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

namespace softgpu {

enum class TokenKind : uint8_t { Word, Integer, Float32, Float64, Text, Mark, End };

struct Token {
    TokenKind kind;
    uint32_t line;
    std::string_view text; // for Text: without the quotes
    uint64_t bits = 0;     // value of a number
    bool is(std::string_view what) const { return text == what && kind != TokenKind::Text; }
};

std::vector<Token> tokenize(std::string_view text);

} // namespace softgpu
