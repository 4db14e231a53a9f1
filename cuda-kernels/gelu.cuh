// GELU by the error function: x * Phi(x). erff is accurate to 2 units in the last place.
#pragma once

__device__ inline float gelu(float x) { return 0.5f * x * (1.f + erff(x * 0.70710678118654752f)); }
