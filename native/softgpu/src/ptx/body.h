// Parses a function body: declarations in nested scopes, labels, instructions with their operands resolved to names in scope.
#pragma once

#include "cursor.h"
#include "syntax.h"

namespace softgpu {

void parse_body(Cursor &cursor, const ModuleSyntax &module, Routine &routine);

} // namespace softgpu
