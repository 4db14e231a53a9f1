// kernel_forms <file>... <module.ptx>...: every form of instruction in the modules must be in one of the files, which instruction tests left.
#include "forms.h"

#include <cctype>
#include <cstdio>
#include <map>

int main(int argc, char **argv) {
    std::set<std::string> tested;
    std::map<std::string, std::string> used; // form → where it was seen first
    for (int i = 1; i < argc; i++) {
        std::string name = argv[i];
        std::ifstream in(name);
        if (!in) return std::fprintf(stderr, "%s cannot be read\n", argv[i]), 2;
        int number = 0;
        for (std::string line; std::getline(in, line);) {
            number++;
            if (!name.ends_with(".ptx")) {
                tested.insert(line);
                continue;
            }
            line.erase(0, line.find_first_not_of(" \t"));
            bool statement = !line.empty() && (line[0] == '@' || std::islower(static_cast<unsigned char>(line[0])));
            if (statement) used.try_emplace(form_of(line), name + ":" + std::to_string(number) + ": " + line);
        }
    }
    int missing = 0;
    for (const auto &[form, where] : used)
        if (!tested.contains(form) && ++missing) std::printf("no instruction test executes %s, as in %s\n", form.c_str(), where.c_str());
    std::printf("%zu forms of instructions in the modules, %d of them untested; %zu forms tested\n", used.size(), missing, tested.size());
    return missing || used.size() < 2 ? 1 : 0;
}
