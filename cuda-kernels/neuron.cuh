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

    // Advances potential u by current, and adds bit to bits when the neuron spikes: five instructions, two of them under a predicate.
    __device__ void step(float& u, float current, uint32_t& bits, uint32_t bit) const {
        u = __fadd_rn(u, current);
        asm("{\n\t"
            ".reg .pred fires;\n\t"
            "setp.ge.f32 fires, %0, %2;\n\t"
            "@fires fma.rn.f32 %0, %0, %3, %4;\n\t"
            "@fires or.b32 %1, %1, %5;\n\t"
            "}"
            : "+f"(u), "+r"(bits)
            : "f"(threshold), "f"(keep), "f"(-drop), "r"(bit));
        u = __fmul_rn(leak, u);
    }

    // The same of a single neuron: whether it spikes.
    __device__ bool fires(float& u, float current) const {
        u = __fadd_rn(u, current);
        const bool spike = u >= threshold;
        const float fallen = __fmaf_rn(keep, u, -drop);
        u = __fmul_rn(leak, spike ? fallen : u);
        return spike;
    }
};
