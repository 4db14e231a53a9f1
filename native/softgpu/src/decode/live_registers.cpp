// Backward data flow over the statements of a routine, iterated until it settles.
#include "live_registers.h"

#include <algorithm>
#include <bit>

namespace softgpu {

LiveRegisters::LiveRegisters(const Routine &routine) {
    for (const Register &reg : routine.registers) words_.push_back(reg.type == Type::Pred ? 0 : std::max(1u, bits_of(reg.type) / 32));
}

void LiveRegisters::add(const std::vector<int32_t> &uses, const std::vector<int32_t> &definitions, Flow flow, const std::vector<uint32_t> &targets, bool guarded) {
    bool falls = flow == Flow::Next || (flow != Flow::Choose && guarded);
    steps_.push_back({uses, definitions, targets, falls, guarded});
}

uint32_t LiveRegisters::most() const {
    std::size_t set_words = (words_.size() + 63) / 64, count = steps_.size();
    std::vector<uint64_t> before((count + 1) * set_words, 0);
    std::vector<uint64_t> now(set_words);
    uint32_t most = 0;
    for (bool changed = true; changed;) {
        changed = false;
        for (std::size_t i = count; i-- > 0;) {
            const Step &step = steps_[i];
            std::fill(now.begin(), now.end(), 0);
            auto merge = [&](std::size_t from) {
                for (std::size_t w = 0; w < set_words; w++) now[w] |= before[from * set_words + w];
            };
            if (step.falls_through) merge(i + 1);
            for (uint32_t target : step.next) merge(target);
            if (!step.guarded)
                for (int32_t r : step.definitions) now[static_cast<std::size_t>(r) / 64] &= ~(1ull << (r % 64));
            for (int32_t r : step.uses) now[static_cast<std::size_t>(r) / 64] |= 1ull << (r % 64);
            uint64_t *old = before.data() + i * set_words; // none where the routine has no registers
            if (!std::equal(now.begin(), now.end(), old)) {
                std::copy(now.begin(), now.end(), old);
                changed = true;
            }
        }
    }
    for (std::size_t i = 0; i < count; i++) {
        uint32_t alive = 0;
        for (std::size_t w = 0; w < set_words; w++)
            for (uint64_t bits = before[i * set_words + w]; bits; bits &= bits - 1)
                alive += words_[w * 64 + static_cast<std::size_t>(std::countr_zero(bits))];
        most = std::max(most, alive);
    }
    return most;
}

} // namespace softgpu
