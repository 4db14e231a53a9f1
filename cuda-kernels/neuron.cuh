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

    // Advances potential u by current; all bits set when the neuron spikes, else none. No predicates and no branches: lanes stay together.
    __device__ uint32_t step(float& u, float current) const {
        u = __fadd_rn(u, current);
        uint32_t spike;
        asm("set.ge.u32.f32 %0, %1, %2;" : "=r"(spike) : "f"(u), "f"(threshold));
        const float fallen = __fmaf_rn(keep, u, -drop);
        asm("lop3.b32 %0, %1, %2, %0, 0xCA;" : "+f"(u) : "r"(spike), "f"(fallen));  // spike ? fallen : u
        u = __fmul_rn(leak, u);
        return spike;
    }

    // The same for warps that vote on their neurons: whether it spikes.
    __device__ bool fires(float& u, float current) const {
        u = __fadd_rn(u, current);
        const bool spike = u >= threshold;
        const float fallen = __fmaf_rn(keep, u, -drop);
        u = __fmul_rn(leak, spike ? fallen : u);
        return spike;
    }
};

// bits with bit added where spike is all ones.
__device__ inline uint32_t add_spike(uint32_t bits, uint32_t spike, uint32_t bit) {
    asm("lop3.b32 %0, %0, %1, %2, 0xF8;" : "+r"(bits) : "r"(spike), "r"(bit));
    return bits;
}
