// Builds the program of a kernel from its parsed module.
#pragma once

#include "../program/program.h"
#include "routine_builder.h"

namespace softgpu {

Program build_program(const ModuleSyntax &module, const ModuleAddresses &addresses, const Routine &kernel);

} // namespace softgpu
