// Parsing of variable declarations: `.global .align 4 .b8 name[16] = {…}` and parameters.
#pragma once

#include "cursor.h"
#include "syntax.h"

#include <optional>

namespace softgpu {

std::optional<Space> space_named(std::string_view directive);

// After the space directive: attributes, type, name, extent, initialiser; stops before ';', ',' or ')'.
// A list "a, b;" is read by calling again with the type already known.
struct DeclarationHead {
    Type type = Type::None;
    uint64_t align = 0;
    uint32_t lanes = 1; // .v2, .v4
};
DeclarationHead parse_head(Cursor &cursor);
Variable parse_variable(Cursor &cursor, Space space, const DeclarationHead &head);

} // namespace softgpu
