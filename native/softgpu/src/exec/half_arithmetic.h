// Arithmetic of half-precision numbers, single or in pairs.
#pragma once

#include "families.h"

namespace softgpu::SOFTGPU_ISA {

Handler half_handler(FloatOp, Type, Finish, bool flush);

} // namespace softgpu::SOFTGPU_ISA
