// Straightforward float64 models of the operations, and the comparison of spikes with a float64 membrane.
#pragma once

#include "check.hpp"

namespace test {

// Real values with a bound on what float32 rounding may have done to them, [rows][timesteps][width].
struct Currents {
    int64_t rows, timesteps, width;
    std::vector<double> value, error;
    Currents(int64_t r, int64_t t, int64_t w)
        : rows(r), timesteps(t), width(w), value(static_cast<size_t>(r * t * w)), error(static_cast<size_t>(r * t * w)) {}
    size_t at(int64_t r, int64_t t, int64_t j) const { return static_cast<size_t>((r * timesteps + t) * width + j); }
};

// float32 rounding of a sum whose terms have magnitudes adding up to `magnitude`: a few units in the last place of it.
inline double rounding(double magnitude) { return 1e-6 * (magnitude + 0.1); }

inline double gelu(double x) { return 0.5 * x * (1 + std::erf(x / std::sqrt(2.0))); }

// LayerNorm of one row of values, carrying the error bounds along.
inline void layer_norm(double *value, double *error, int64_t width, const leanspike_layer_norm &norm) {
    double mean = 0, variance = 0, worst = 0;
    for (int64_t j = 0; j < width; ++j) mean += value[j];
    mean /= static_cast<double>(width);
    for (int64_t j = 0; j < width; ++j) {
        variance += (value[j] - mean) * (value[j] - mean);
        worst = std::max(worst, error[j]);
    }
    variance /= static_cast<double>(width);
    const double scale = 1 / std::sqrt(variance + static_cast<double>(norm.eps));
    for (int64_t j = 0; j < width; ++j) {
        const double weight = static_cast<double>(norm.weight[j]);
        const double y = (value[j] - mean) * scale;
        error[j] = 2 * worst * scale * std::abs(weight) * (1 + std::abs(y)) + rounding(std::abs(y * weight) + std::abs(static_cast<double>(norm.bias[j])));
        value[j] = y * weight + static_cast<double>(norm.bias[j]);
    }
}

// Follows every membrane in float64. A spike may differ from the float64 decision only where the potential is within the rounding
// bound of the threshold; the membrane then goes on with the spike that was given. Bits beyond the width must be zero.
inline void expect_spikes(const Spikes &spikes, const Currents &currents, const leanspike_neuron &neuron, const std::string &where) {
    const double threshold = static_cast<double>(neuron.threshold), leak = static_cast<double>(neuron.leak);
    int64_t within_rounding = 0;
    for (int64_t r = 0; r < spikes.rows; ++r)
        for (int64_t j = 0; j < spikes.width; ++j) {
            double u = static_cast<double>(neuron.initial_potential), error = 0;
            for (int64_t t = 0; t < spikes.timesteps; ++t) {
                const size_t at = currents.at(r, t, j);
                u += currents.value[at];
                error += currents.error[at] + 1e-7 * (std::abs(u) + threshold);
                const bool spike = spikes.get(r, t, j);
                if (spike != (u >= threshold)) {
                    ++within_rounding;
                    expect(std::abs(u - threshold) <= error, where,
                           text("row ", r, " timestep ", t, " unit ", j, ": spike ", spike, " where u - threshold = ", u - threshold,
                                ", rounding bound ", error));
                }
                if (neuron.reset == LEANSPIKE_RESET_SOFT)
                    u = leak * (u - (spike ? threshold : 0));
                else if (spike)
                    u = error = 0;
                else
                    u = leak * u;
                error = leak * error;
            }
        }
    const int64_t decisions = spikes.rows * spikes.timesteps * spikes.width;
    expect(within_rounding * 1000 <= decisions + 3000, where, text(within_rounding, " of ", decisions, " spikes differ from float64"));
    if (spikes.width % 64 != 0)
        for (int64_t r = 0; r < spikes.rows; ++r)
            for (int64_t t = 0; t < spikes.timesteps; ++t)
                expect(spikes.row(r, t)[words(spikes.width) - 1] >> (spikes.width % 64) == 0, where, text("row ", r, ": bits beyond the width are set"));
}

inline void expect_near(float got, double want, double error, const std::string &where, const std::string &what) {
    expect(std::abs(static_cast<double>(got) - want) <= error, where, text(what, " is ", got, ", must be ", want, " within ", error));
}

// The neurons every operation is tried with.
struct NamedNeuron {
    const char *name;
    leanspike_neuron neuron;
};
inline std::vector<NamedNeuron> neurons(float threshold) {
    return {
        {"IF soft", {threshold, 1.0f, 0.0f, LEANSPIKE_RESET_SOFT}},
        {"LIF soft half", {threshold, 0.9f, 0.5f * threshold, LEANSPIKE_RESET_SOFT}},
        {"IF hard half", {threshold, 1.0f, 0.5f * threshold, LEANSPIKE_RESET_HARD}},
        {"LIF hard below zero", {threshold, 0.75f, -0.25f * threshold, LEANSPIKE_RESET_HARD}},
    };
}

// Weights of -1, 0 and 1 times a scale an output, as bits; 1-bit ones have no zeros and no minus plane.
struct LowBits {
    leanspike_low_bit_matrix matrix = {};
    std::vector<float> scale;

    LowBits(Random &random, int64_t rows, int64_t cols, bool binary, double magnitude)
        : scale(random.uniforms(rows, 0.5 * magnitude, 1.5 * magnitude)), plus_(static_cast<size_t>(rows * words(cols))), minus_(plus_.size()) {
        for (int64_t r = 0; r < rows; ++r)
            for (int64_t c = 0; c < words(cols) * 64; ++c) { // bits beyond the width must not matter
                const int64_t draw = random.below(binary ? 2 : 3);
                std::vector<uint64_t> &plane = draw == 0 ? plus_ : minus_;
                if (draw < 2) plane[static_cast<size_t>(r * words(cols) + c / 64)] |= uint64_t{1} << (c % 64);
            }
        matrix = {plus_.data(), binary ? nullptr : minus_.data(), rows, cols};
    }
    int sign(int64_t row, int64_t col) const {
        const size_t at = static_cast<size_t>(row * words(matrix.cols) + col / 64);
        if ((plus_[at] >> (col % 64) & 1) != 0) return 1;
        return (minus_[at] >> (col % 64) & 1) != 0 ? -1 : 0;
    }
    double at(int64_t row, int64_t col) const { return static_cast<double>(scale[static_cast<size_t>(row)]) * sign(row, col); }
    // Every weight the same: 1 or -1.
    void fill(int every) {
        for (uint64_t &word : plus_) word = every > 0 ? ~uint64_t{0} : 0;
        for (uint64_t &word : minus_) word = ~plus_[0];
    }

  private:
    std::vector<uint64_t> plus_, minus_;
};

// A stored matrix of any element type with the float64 values it stands for.
struct Stored {
    leanspike_matrix matrix = {};
    std::vector<double> value;

    Stored(Random &random, int64_t rows, int64_t cols, int32_t type, double magnitude) : value(static_cast<size_t>(rows * cols)) {
        matrix.rows = rows;
        matrix.cols = cols;
        matrix.type = type;
        const size_t bytes[] = {4, 2, 2, 1};
        elements_.resize(value.size() * bytes[type]);
        if (type == LEANSPIKE_I8) {
            scale_ = random.uniforms(rows, magnitude / 200, magnitude / 100);
            matrix.scale = scale_.data();
        }
        for (size_t i = 0; i < value.size(); ++i) set(random, i, type, magnitude);
        matrix.elements = elements_.data();
    }
    double at(int64_t row, int64_t col) const { return value[static_cast<size_t>(row * matrix.cols + col)]; }
    // The element of a LEANSPIKE_I8 matrix without its scale.
    int byte(int64_t row, int64_t col) const { return static_cast<int8_t>(elements_[static_cast<size_t>(row * matrix.cols + col)]); }
    // Every byte of a LEANSPIKE_I8 matrix the same.
    void fill(int8_t every) {
        for (size_t i = 0; i < value.size(); ++i) {
            elements_[i] = static_cast<unsigned char>(every);
            value[i] = static_cast<double>(scale_[i / static_cast<size_t>(matrix.cols)] * static_cast<float>(every));
        }
    }

  private:
    void set(Random &random, size_t i, int32_t type, double magnitude) {
        unsigned char *element = elements_.data();
        if (type == LEANSPIKE_F32) {
            const float x = random.uniform(-magnitude, magnitude);
            std::memcpy(element + 4 * i, &x, 4);
            value[i] = static_cast<double>(x);
        } else if (type == LEANSPIKE_F16) { // any finite half, the subnormals among them
            const int sign = static_cast<int>(random.below(2)), exponent = static_cast<int>(random.below(14)), mantissa = static_cast<int>(random.below(1024));
            const uint16_t half = static_cast<uint16_t>(sign << 15 | exponent << 10 | mantissa);
            std::memcpy(element + 2 * i, &half, 2);
            const double x = exponent == 0 ? std::ldexp(mantissa, -24) : std::ldexp(1024 + mantissa, exponent - 25);
            value[i] = sign != 0 ? -x : x;
        } else if (type == LEANSPIKE_BF16) {
            const float x = random.uniform(-magnitude, magnitude);
            uint32_t bits;
            std::memcpy(&bits, &x, 4);
            const uint16_t upper = static_cast<uint16_t>(bits >> 16);
            std::memcpy(element + 2 * i, &upper, 2);
            bits &= 0xffff0000u;
            float cut;
            std::memcpy(&cut, &bits, 4);
            value[i] = static_cast<double>(cut);
        } else {
            const int x = static_cast<int>(random.below(256)) - 128;
            element[i] = static_cast<unsigned char>(x);
            value[i] = static_cast<double>(scale_[i / static_cast<size_t>(matrix.cols)] * static_cast<float>(x));
        }
    }
    std::vector<unsigned char> elements_;
    std::vector<float> scale_;
};

} // namespace test
