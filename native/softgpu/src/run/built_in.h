// Functions that device code may call without defining them: vprintf and __assertfail.
#pragma once

#include "../program/program.h"

namespace softgpu {

void call_built_in(Warp &warp, const Instruction &in, BuiltIn which, const CallSite &site);

} // namespace softgpu
