// Forms of instructions: the opcode with all its modifiers. A test program leaves those it executed in the file that
// SOFTGPU_TESTED_FORMS names, one a line; kernel_forms.cpp compares them with what kernels are made of.
#pragma once

#include "softgpu.h"

#include <cstdlib>
#include <fstream>
#include <set>
#include <sstream>
#include <string>

// "add.s32" of "@%p1 add.s32 %r1, %r2, 3;". A mov that packs or unpacks a vector is a form of its own.
inline std::string form_of(std::string statement) {
    if (statement.starts_with('@')) statement.erase(0, statement.find_first_not_of(" \t", statement.find_first_of(" \t")));
    std::string form = statement.substr(0, statement.find_first_of(" \t;"));
    std::size_t brace = statement.find('{');
    if (form.starts_with("mov.") && brace != std::string::npos) form += statement.find(',') < brace ? " from a vector" : " to a vector";
    return form;
}

class TestedForms {
public:
    static TestedForms &of_this_program() {
        static TestedForms forms;
        return forms;
    }
    void watch(const std::string &kernel) {
        if (file_) kernels_.insert(kernel);
    }
    // Before another module is loaded, whose kernels may have the same names.
    void collect() {
        for (const std::string &kernel : kernels_) {
            std::string profile(static_cast<std::size_t>(softgpu_profile(kernel.c_str(), nullptr, 0)) + 1, '\0');
            softgpu_profile(kernel.c_str(), profile.data(), static_cast<int64_t>(profile.size()));
            std::istringstream lines(profile.c_str());
            for (std::string count, line, statement; std::getline(lines, count, '\t') && std::getline(lines, line, '\t') && std::getline(lines, statement);)
                forms_.insert(form_of(statement));
        }
        if (!kernels_.empty()) softgpu_reset_counters();
        kernels_.clear();
    }

private:
    TestedForms() = default;
    ~TestedForms() {
        collect();
        if (!file_) return;
        std::ofstream out(file_);
        for (const std::string &form : forms_) out << form << '\n';
    }

    const char *file_ = std::getenv("SOFTGPU_TESTED_FORMS");
    std::set<std::string> kernels_, forms_;
};
