// Instructions of a routine as decoded, before they are put in order: branches name the draft they lead to.
#pragma once

#include "../exec/instruction.h"

#include <cstdint>
#include <string>
#include <vector>

namespace softgpu {

enum class Flow : uint8_t { Next, Jump /* @p: or next */, Choose /* brx.idx */, Leave /* ret, exit, trap; @p: or next */ };

struct Draft {
    Instruction instruction;
    Flow flow = Flow::Next;
    std::vector<uint32_t> targets; // drafts
    std::string text;
};

// Appends the routine to the code: loops stand together and every join after what it joins; a join instruction stands where
// lanes may meet, a jump where the next instruction in order is not the one that follows. Fills in branch targets.
struct Placement {
    std::vector<Instruction> &code;
    std::vector<std::string> &texts;
    std::vector<uint32_t> &pool;
};
void place(std::vector<Draft> drafts, Placement into);

} // namespace softgpu
