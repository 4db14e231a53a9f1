// A position in a token list, with the checks every grammar rule needs.
#pragma once

#include "error.h"
#include "lexer.h"

#include <string>

namespace softgpu {

class Cursor {
public:
    explicit Cursor(std::vector<Token> tokens) : tokens_(std::move(tokens)) {}

    const Token &peek(size_t ahead = 0) const { return tokens_[std::min(at_ + ahead, tokens_.size() - 1)]; }
    bool at(std::string_view text) const { return peek().is(text); }
    const Token &take() {
        const Token &token = peek();
        if (at_ + 1 < tokens_.size()) at_++;
        return token;
    }
    bool accept(std::string_view text) {
        if (!at(text)) return false;
        take();
        return true;
    }
    const Token &expect(std::string_view text) {
        if (!at(text)) fail("expected '" + std::string(text) + "' before '" + std::string(peek().text) + "'");
        return take();
    }
    const Token &word(const char *what) {
        if (peek().kind != TokenKind::Word) fail(std::string("expected ") + what + " before '" + std::string(peek().text) + "'");
        return take();
    }
    // A literal with its sign; the bits of a negative integer are its two's complement.
    int64_t integer() {
        bool minus = accept("-");
        if (peek().kind != TokenKind::Integer) fail("expected a number before '" + std::string(peek().text) + "'");
        uint64_t value = take().bits;
        return static_cast<int64_t>(minus ? 0 - value : value);
    }
    [[noreturn]] void fail(const std::string &what) const { throw PtxError(peek().line, what); }

private:
    std::vector<Token> tokens_;
    size_t at_ = 0;
};

} // namespace softgpu
