// add.cc, sub.cc and mad.cc share their names with plain arithmetic: decoded here once the .cc is taken.
#pragma once

#include "decoding.h"

namespace softgpu {

void decode_carry(Decoding &d, CarryOp op, bool in, bool out);

} // namespace softgpu
