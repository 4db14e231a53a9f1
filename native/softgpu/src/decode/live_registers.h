// Estimates how many registers a kernel needs: the most 32-bit values alive at once, by data-flow analysis. The assembler of a
// real device arrives at its own number; this one is near enough to find launches that could not fit.
#pragma once

#include "../program/draft.h"
#include "../ptx/syntax.h"

namespace softgpu {

class LiveRegisters {
public:
    explicit LiveRegisters(const Routine &routine);
    void add(const std::vector<int32_t> &uses, const std::vector<int32_t> &definitions, Flow flow, const std::vector<uint32_t> &targets, bool guarded);
    uint32_t most() const;

private:
    struct Step {
        std::vector<int32_t> uses, definitions;
        std::vector<uint32_t> next;
        bool falls_through, guarded;
    };
    std::vector<Step> steps_;
    std::vector<uint32_t> words_; // of each register, in 32-bit units
};

} // namespace softgpu
