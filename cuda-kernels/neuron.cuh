// The neuron of a population, one step at a time.
//
// u += I; s = u >= threshold; then soft reset u = leak * (u - threshold * s), or hard reset u = leak * u * (1 - s).
// Every rounding is spelled out (no contraction left to the compiler): u + I and u - threshold each round once, as on the CPU.
#pragma once
#include <cstdint>

struct Neuron {
    float threshold;          // > 0
    float leak;               // 0 < leak <= 1
    float initial_potential;  // u(0-), in the units of the potential
    int32_t hard_reset;       // 0 soft, 1 hard
};

// A neuron in the form its step needs: after a spike u becomes keep * u - drop, which is u - threshold (soft) or 0 (hard), exactly.
struct Membrane {
    float threshold, leak, keep, drop;

    __device__ explicit Membrane(const Neuron& neuron)
        : threshold(neuron.threshold), leak(neuron.leak), keep(neuron.hard_reset ? 0.f : 1.f),
          drop(neuron.hard_reset ? 0.f : neuron.threshold) {}

    // Advances potential u by current; true when the neuron spikes.
    __device__ bool step(float& u, float current) const {
        u = __fadd_rn(u, current);
        const bool spike = u >= threshold;
        if (spike) u = __fmaf_rn(keep, u, -drop);
        u = __fmul_rn(leak, u);
        return spike;
    }
};
