// Parses the module level of PTX: version and target, variables, functions and entries; skips debug sections.
#include "body.h"
#include "declaration.h"
#include "syntax.h"

namespace softgpu {
namespace {

class ModuleParser {
public:
    ModuleParser(ModuleSyntax &module, std::vector<Token> tokens) : module_(module), cursor_(std::move(tokens)) {}

    void run() {
        while (cursor_.peek().kind != TokenKind::End) statement();
        if (module_.version.empty()) cursor_.fail("no .version: this is not a PTX module");
    }

private:
    void statement() {
        const Token &token = cursor_.peek();
        if (cursor_.accept(".version")) {
            module_.version = std::string(cursor_.take().text);
        } else if (cursor_.accept(".target")) {
            module_.target = std::string(cursor_.word("a target").text);
            while (cursor_.accept(",")) cursor_.take();
        } else if (cursor_.accept(".address_size")) {
            if (cursor_.integer() != 64) cursor_.fail("only .address_size 64 is supported");
        } else if (cursor_.accept(".file")) {
            skip_line(token.line);
        } else if (cursor_.accept(".section")) {
            while (!cursor_.accept("{")) cursor_.take();
            while (!cursor_.accept("}")) cursor_.take();
        } else if (cursor_.accept(".pragma")) {
            while (!cursor_.accept(";")) cursor_.take();
        } else if (cursor_.accept(".alias")) {
            throw PtxError(token.line, ".alias is not supported", true);
        } else if (!cursor_.accept(";")) {
            linked();
        }
    }

    void skip_line(uint32_t line) {
        while (cursor_.peek().line == line && cursor_.peek().kind != TokenKind::End) cursor_.take();
    }

    // [.extern|.visible|.weak|.common] then a variable, a function or an entry
    void linked() {
        bool is_extern = false;
        while (cursor_.at(".extern") || cursor_.at(".visible") || cursor_.at(".weak") || cursor_.at(".common"))
            is_extern |= cursor_.take().is(".extern");
        const Token &token = cursor_.word("a directive");
        if (token.is(".func") || token.is(".entry")) return routine(token.is(".entry"), token.line);
        std::optional<Space> space = space_named(token.text);
        if (!space) throw PtxError(token.line, "unknown directive '" + std::string(token.text) + "'", token.text[0] == '.');
        DeclarationHead head = parse_head(cursor_);
        do {
            Variable variable = parse_variable(cursor_, *space, head);
            variable.is_extern = is_extern;
            module_.variables.push_back(std::move(variable));
        } while (cursor_.accept(","));
        cursor_.expect(";");
    }

    void routine(bool is_entry, uint32_t line) {
        Routine routine;
        routine.is_entry = is_entry;
        routine.line = line;
        if (!is_entry && cursor_.at(".attribute")) {
            while (!cursor_.accept(")")) cursor_.take();
        }
        if (cursor_.at("(")) routine.results = parameters();
        routine.name = cursor_.word("a name").text;
        if (cursor_.at("(")) routine.parameters = parameters();
        tuning(routine);
        if (!cursor_.accept(";")) {
            routine.has_body = true;
            parse_body(cursor_, module_, routine);
        }
        for (Routine &known : module_.routines)
            if (known.name == routine.name) {
                if (routine.has_body) known = std::move(routine);
                return;
            }
        module_.routines.push_back(std::move(routine));
    }

    std::vector<Variable> parameters() {
        std::vector<Variable> list;
        cursor_.expect("(");
        while (!cursor_.accept(")")) {
            const Token &token = cursor_.word("a parameter");
            if (!token.is(".param")) throw PtxError(token.line, "only .param parameters are supported", true);
            list.push_back(parse_variable(cursor_, Space::Param, parse_head(cursor_)));
            cursor_.accept(",");
        }
        return list;
    }

    // performance-tuning directives between the parameters and the body
    void tuning(Routine &routine) {
        while (cursor_.peek().kind == TokenKind::Word) {
            const Token &token = cursor_.take();
            uint32_t values[3] = {1, 1, 1};
            size_t count = 0;
            bool bare = token.is(".noreturn") || token.is(".explicitcluster") || token.is(".blocksareclusters");
            if (token.is(".pragma")) {
                while (!cursor_.accept(";")) cursor_.take();
                continue;
            }
            while (!bare && count < 3) {
                values[count++] = static_cast<uint32_t>(cursor_.integer());
                if (!cursor_.accept(",")) break;
            }
            if (token.is(".maxntid") || token.is(".reqntid")) {
                routine.max_threads = values[0] * values[1] * values[2];
                if (token.is(".reqntid")) std::copy(values, values + 3, routine.required_threads);
            } else if (token.is(".minnctapersm")) {
                routine.min_blocks = values[0];
            } else if (token.is(".maxnreg")) {
                routine.max_registers = values[0];
            } else if (!token.is(".noreturn")) {
                throw PtxError(token.line, "unsupported directive '" + std::string(token.text) + "'", true);
            }
        }
    }

    ModuleSyntax &module_;
    Cursor cursor_;
};

} // namespace

ModuleSyntax parse_module(std::string text) {
    ModuleSyntax module;
    module.text = std::move(text);
    ModuleParser(module, tokenize(module.text)).run();
    return module;
}

} // namespace softgpu
