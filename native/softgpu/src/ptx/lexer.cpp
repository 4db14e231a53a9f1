// PTX tokens: words, numbers (decimal, hexadecimal, octal, binary, 0f/0d bit patterns, decimal fractions), marks.
#include "lexer.h"

#include "error.h"

#include <bit>
#include <cctype>
#include <cstdlib>
#include <string>

namespace softgpu {
namespace {

bool starts_word(char c) { return std::isalpha(static_cast<unsigned char>(c)) || c == '_' || c == '$' || c == '%' || c == '.'; }
bool in_word(char c) { return std::isalnum(static_cast<unsigned char>(c)) || c == '_' || c == '$' || c == '.'; }

class Lexer {
public:
    explicit Lexer(std::string_view text) : text_(text) {}

    std::vector<Token> run() {
        std::vector<Token> tokens;
        for (skip_blank(); at_ < text_.size(); skip_blank()) tokens.push_back(next());
        tokens.push_back({TokenKind::End, line_, "end of the module"});
        return tokens;
    }

private:
    char peek(size_t ahead = 0) const { return at_ + ahead < text_.size() ? text_[at_ + ahead] : '\0'; }

    void skip_blank() {
        while (at_ < text_.size()) {
            if (peek() == '\n') {
                line_++;
                at_++;
            } else if (std::isspace(static_cast<unsigned char>(peek()))) {
                at_++;
            } else if (peek() == '/' && peek(1) == '/') {
                while (at_ < text_.size() && peek() != '\n') at_++;
            } else if (peek() == '/' && peek(1) == '*') {
                size_t end = text_.find("*/", at_ + 2);
                if (end == std::string_view::npos) throw PtxError(line_, "a comment without an end");
                for (; at_ < end + 2; at_++) line_ += text_[at_] == '\n';
            } else {
                return;
            }
        }
    }

    Token next() {
        if (std::isdigit(static_cast<unsigned char>(peek()))) return number();
        if (starts_word(peek())) return word();
        if (peek() == '"') return quoted();
        if (std::string_view("{}()[],;:@!+-=<>|*&~").find(peek()) == std::string_view::npos)
            throw PtxError(line_, std::string("unexpected character '") + peek() + "'");
        return {TokenKind::Mark, line_, text_.substr(at_++, 1)};
    }

    Token word() {
        size_t start = at_++;
        while (in_word(peek()) || (peek() == ':' && peek(1) == ':')) at_ += peek() == ':' ? 2 : 1;
        return {TokenKind::Word, line_, text_.substr(start, at_ - start)};
    }

    Token quoted() {
        size_t end = text_.find('"', at_ + 1);
        if (end == std::string_view::npos) throw PtxError(line_, "a string without an end");
        Token token{TokenKind::Text, line_, text_.substr(at_ + 1, end - at_ - 1)};
        at_ = end + 1;
        return token;
    }

    Token number() {
        size_t start = at_;
        while (std::isalnum(static_cast<unsigned char>(peek())) || peek() == '.' ||
               ((peek() == '+' || peek() == '-') && is_exponent(start)))
            at_++;
        std::string_view text = text_.substr(start, at_ - start);
        return parse(text);
    }

    // 1.5e-3: the sign belongs to the number; 0xFE-1 or 0f3F80000E+1 would not.
    bool is_exponent(size_t start) const {
        char before = text_[at_ - 1];
        return (before == 'e' || before == 'E') && text_.substr(start, at_ - start).find('.') != std::string_view::npos;
    }

    Token parse(std::string_view text) const {
        std::string digits(text);
        char *end = nullptr;
        auto done = [&](TokenKind kind, uint64_t bits) {
            if (*end) throw PtxError(line_, "malformed number '" + digits + "'");
            return Token{kind, line_, text, bits};
        };
        char mark = digits.size() > 1 && digits[0] == '0' ? static_cast<char>(std::tolower(digits[1])) : ' ';
        if (mark == 'f') return done(TokenKind::Float32, std::strtoull(digits.c_str() + 2, &end, 16));
        if (mark == 'd') return done(TokenKind::Float64, std::strtoull(digits.c_str() + 2, &end, 16));
        if (mark == 'x') {
            strip_unsigned(digits);
            return done(TokenKind::Integer, std::strtoull(digits.c_str() + 2, &end, 16));
        }
        if (mark == 'b') {
            strip_unsigned(digits);
            return done(TokenKind::Integer, std::strtoull(digits.c_str() + 2, &end, 2));
        }
        if (digits.find('.') != std::string::npos)
            return done(TokenKind::Float64, std::bit_cast<uint64_t>(std::strtod(digits.c_str(), &end)));
        strip_unsigned(digits);
        return done(TokenKind::Integer, std::strtoull(digits.c_str(), &end, mark == ' ' ? 10 : 8));
    }

    static void strip_unsigned(std::string &digits) {
        if (digits.size() > 1 && (digits.back() == 'U' || digits.back() == 'u')) digits.pop_back();
    }

    std::string_view text_;
    size_t at_ = 0;
    uint32_t line_ = 1;
};

} // namespace

std::vector<Token> tokenize(std::string_view text) { return Lexer(text).run(); }

} // namespace softgpu
