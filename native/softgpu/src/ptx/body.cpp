// Function bodies. A name is looked up in the enclosing scopes, then among the module's variables; what remains is a label or
// a function, resolved when the program is built.
#include "body.h"

#include "declaration.h"

#include <algorithm>

namespace softgpu {
namespace {

class BodyParser {
public:
    BodyParser(Cursor &cursor, const ModuleSyntax &module, Routine &routine)
        : cursor_(cursor), module_(module), routine_(routine) {
        for (size_t i = 0; i < module.variables.size(); i++) module_names_[module.variables[i].name] = static_cast<int32_t>(i);
    }

    void run() {
        scopes_.emplace_back();
        for (const Variable &variable : routine_.parameters) declare(variable);
        for (const Variable &variable : routine_.results) declare(variable);
        cursor_.expect("{");
        size_t depth = 1;
        while (depth) {
            if (cursor_.peek().kind == TokenKind::End) cursor_.fail("the body of '" + routine_.name + "' has no end");
            if (cursor_.accept("{")) {
                scopes_.emplace_back();
                depth++;
            } else if (cursor_.accept("}")) {
                scopes_.pop_back();
                depth--;
            } else {
                statement();
            }
        }
    }

private:
    enum class NameKind { Register, Variable };
    struct Meaning {
        NameKind kind;
        int32_t index;
    };
    struct Family { // .reg .b32 %r<8>
        std::string prefix;
        int32_t first, count;
    };
    struct Scope {
        std::map<std::string, Meaning, std::less<>> names;
        std::vector<Family> families;
    };

    void declare(const Variable &variable) {
        scopes_.back().names[variable.name] = {NameKind::Variable, static_cast<int32_t>(routine_.variables.size())};
        routine_.variables.push_back(variable);
    }

    void statement() {
        const Token &token = cursor_.peek();
        if (cursor_.accept(";")) return;
        if (token.kind == TokenKind::Word && cursor_.peek(1).is(":")) return label();
        if (token.kind == TokenKind::Word && token.text[0] == '.') return directive();
        instruction();
    }

    void label() {
        std::string name(cursor_.take().text);
        cursor_.expect(":");
        if (cursor_.accept(".branchtargets")) {
            do routine_.branch_targets[name].emplace_back(cursor_.word("a label").text);
            while (cursor_.accept(","));
            cursor_.expect(";");
        } else if (cursor_.accept(".callprototype") || cursor_.accept(".calltargets")) {
            while (!cursor_.accept(";")) cursor_.take();
        } else if (!routine_.labels.emplace(name, static_cast<uint32_t>(routine_.statements.size())).second) {
            cursor_.fail("label '" + name + "' is defined twice");
        }
    }

    void directive() {
        const Token &token = cursor_.take();
        if (token.is(".loc") || token.is(".file")) {
            uint32_t line = token.line;
            while (cursor_.peek().line == line) cursor_.take();
        } else if (token.is(".pragma")) {
            while (!cursor_.accept(";")) cursor_.take();
        } else if (token.is(".reg")) {
            registers();
        } else if (std::optional<Space> space = space_named(token.text)) {
            DeclarationHead head = parse_head(cursor_);
            do declare(parse_variable(cursor_, *space, head));
            while (cursor_.accept(","));
            cursor_.expect(";");
        } else {
            throw PtxError(token.line, "unsupported directive '" + std::string(token.text) + "'", true);
        }
    }

    void registers() {
        DeclarationHead head = parse_head(cursor_);
        if (head.lanes != 1) cursor_.fail("vector registers are not supported");
        do {
            std::string name(cursor_.word("a register").text);
            int32_t first = static_cast<int32_t>(routine_.registers.size());
            if (cursor_.accept("<")) {
                int32_t count = static_cast<int32_t>(cursor_.integer());
                cursor_.expect(">");
                if (count < 0 || count > 1 << 20) cursor_.fail("bad register count");
                for (int32_t i = 0; i < count; i++) routine_.registers.push_back({name + std::to_string(i), head.type});
                scopes_.back().families.push_back({name, first, count});
            } else {
                routine_.registers.push_back({name, head.type});
                scopes_.back().names[name] = {NameKind::Register, first};
            }
        } while (cursor_.accept(","));
        cursor_.expect(";");
    }

    void instruction() {
        Statement statement;
        const Token &first = cursor_.peek();
        statement.line = first.line;
        if (cursor_.accept("@")) {
            statement.guard_negated = cursor_.accept("!");
            Operand guard = named(cursor_.word("a predicate").text);
            if (guard.kind != OperandKind::Register || routine_.registers[guard.index].type != Type::Pred)
                cursor_.fail("a guard must be a predicate register");
            statement.guard = guard.index;
        }
        const Token &opcode = cursor_.word("an instruction");
        split(opcode.text, statement);
        while (!cursor_.at(";")) {
            statement.operands.push_back(operand());
            if (!cursor_.accept(",")) break;
        }
        const Token &last = cursor_.expect(";");
        statement.text = std::string_view(first.text.data(), static_cast<size_t>(last.text.data() - first.text.data()));
        routine_.statements.push_back(std::move(statement));
    }

    static void split(std::string_view opcode, Statement &statement) {
        size_t dot = opcode.find('.');
        statement.opcode = opcode.substr(0, dot);
        while (dot != std::string_view::npos) {
            size_t next = opcode.find('.', dot + 1);
            statement.modifiers.push_back(opcode.substr(dot + 1, next == std::string_view::npos ? next : next - dot - 1));
            dot = next;
        }
    }

    Operand operand() {
        Operand result = simple();
        if (!cursor_.accept("|")) return result;
        Operand pair{OperandKind::Pair};
        pair.parts.push_back(std::move(result));
        pair.parts.push_back(simple());
        return pair;
    }

    Operand simple() {
        if (cursor_.accept("{")) return group("}", OperandKind::Vector);
        if (cursor_.accept("(")) return group(")", OperandKind::List);
        if (cursor_.accept("[")) return memory();
        if (cursor_.accept("!")) {
            Operand result = simple();
            result.negated = true;
            return result;
        }
        if (cursor_.peek().kind == TokenKind::Word) {
            Operand result = named(cursor_.take().text);
            if (cursor_.at("+") || cursor_.at("-")) result.offset = displacement();
            return result;
        }
        return number();
    }

    Operand group(std::string_view close, OperandKind kind) {
        Operand result{kind};
        while (!cursor_.accept(close)) {
            result.parts.push_back(operand());
            cursor_.accept(",");
        }
        return result;
    }

    Operand memory() {
        Operand result{OperandKind::Memory};
        Operand base = cursor_.peek().kind == TokenKind::Word ? named(cursor_.take().text) : number();
        if (cursor_.at("+") || cursor_.at("-")) result.offset = displacement();
        if (cursor_.at(",")) throw PtxError(cursor_.peek().line, "tensor and texture coordinates are not supported", true);
        cursor_.expect("]");
        result.parts.push_back(std::move(base));
        return result;
    }

    int64_t displacement() {
        int64_t total = 0;
        while (cursor_.at("+") || cursor_.at("-")) {
            bool minus = cursor_.take().is("-");
            int64_t value = cursor_.integer();
            total += minus ? -value : value;
        }
        return total;
    }

    Operand number() {
        bool minus = cursor_.accept("-");
        bool invert = !minus && cursor_.accept("~");
        const Token &token = cursor_.take();
        Operand result{OperandKind::Integer};
        result.bits = token.bits;
        switch (token.kind) {
        case TokenKind::Integer: result.bits = minus ? 0 - token.bits : invert ? ~token.bits : token.bits; break;
        case TokenKind::Float32:
            result.kind = OperandKind::Float32;
            if (minus) result.bits ^= 0x80000000u;
            break;
        case TokenKind::Float64:
            result.kind = OperandKind::Float64;
            if (minus) result.bits ^= 1ull << 63;
            break;
        default: throw PtxError(token.line, "expected an operand before '" + std::string(token.text) + "'");
        }
        return result;
    }

    Operand named(std::string_view name) {
        if (name == "_") return {OperandKind::Sink};
        Operand result{OperandKind::Name};
        result.name = name;
        for (size_t i = scopes_.size(); i-- > 0;) {
            auto found = scopes_[i].names.find(name);
            if (found != scopes_[i].names.end()) {
                result.kind = found->second.kind == NameKind::Register ? OperandKind::Register : OperandKind::Local;
                result.index = found->second.index;
                return result;
            }
            if (int32_t reg = in_families(scopes_[i], name); reg >= 0) {
                result.kind = OperandKind::Register;
                result.index = reg;
                return result;
            }
        }
        if (name[0] == '%') {
            result.kind = OperandKind::Special;
        } else if (auto found = module_names_.find(name); found != module_names_.end()) {
            result.kind = OperandKind::Module;
            result.index = found->second;
        }
        return result;
    }

    static int32_t in_families(const Scope &scope, std::string_view name) {
        size_t digits = name.size();
        while (digits > 0 && name[digits - 1] >= '0' && name[digits - 1] <= '9') digits--;
        if (digits == name.size() || name.size() - digits > 7) return -1;
        int32_t number = 0;
        for (char c : name.substr(digits)) number = number * 10 + (c - '0');
        for (const Family &family : scope.families)
            if (family.prefix == name.substr(0, digits) && number < family.count) return family.first + number;
        return -1;
    }

    Cursor &cursor_;
    const ModuleSyntax &module_;
    Routine &routine_;
    std::vector<Scope> scopes_;
    std::map<std::string, int32_t, std::less<>> module_names_;
};

} // namespace

void parse_body(Cursor &cursor, const ModuleSyntax &module, Routine &routine) { BodyParser(cursor, module, routine).run(); }

} // namespace softgpu
