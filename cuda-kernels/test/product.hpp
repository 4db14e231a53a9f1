// One projection of a matrix-product test: its stored weights, its packing on the device, its outputs and what they must be.
#pragma once
#include "operations.hpp"

class Projection {
public:
    int outputs;

    Projection(std::string kind, Stored type, int outputs, int inputs, const Spikes& in, NeuronCase neuron, int32_t epilogue, std::mt19937& random,
               const Spikes* residual = nullptr)
        : outputs(outputs), kind_(std::move(kind)), epilogue_(epilogue), neuron_(neuron), in_(in),
          weight_(type, outputs, inputs, values(outputs, inputs, type, random)), bias_(random_floats(outputs, 0.2, 0.2, random)),
          norm_weight_(random_floats(outputs, 0.6, 0.2, random)), norm_bias_(random_floats(outputs, 0.1, 0.2, random)), device_bias_(bias_),
          device_norm_weight_(norm_weight_), device_norm_bias_(norm_bias_), expected_(in.rows, in.timesteps, outputs, neuron),
          expected_real_(size_t(in.rows) * in.timesteps * outputs), real_(expected_real_.size()), spikes_(expected_.spikes.words.size()) {
        real_.fill(0xff);
        spikes_.fill(0xff);
        compute(residual);
    }

    void pack(Device& device, const std::string& operation, uint8_t* packed, int first_tile, int tiles) {
        const bool norm = epilogue_ == NORM_MEMBRANE;
        device.launch(operation, operation + "_" + kind_ + "_b128", {unsigned(64 * tiles_of(outputs))}, 128, 0,
                      PackWeightsArgs{weight_.arg(), device_bias_.get(), norm ? device_norm_weight_.get() : nullptr,
                                      norm ? device_norm_bias_.get() : nullptr, packed, outputs, first_tile, tiles});
    }

    SpikeMatmulSegment segment(int first_tile) const {
        SpikeMatmulSegment segment;
        segment.output = epilogue_ == REAL ? static_cast<void*>(real_.get()) : static_cast<void*>(spikes_.get());
        segment.neuron = neuron_;
        segment.first_tile = first_tile;
        segment.outputs = outputs;
        segment.epilogue = epilogue_;
        return segment;
    }

    // The same with the sums left as they are, for a LayerNorm in a launch of its own.
    SpikeMatmulSegment real_segment() const {
        SpikeMatmulSegment real = segment(0);
        real.output = real_.get();
        real.epilogue = REAL;
        return real;
    }

    float* real() const { return real_.get(); }
    const float* norm_weight() const { return device_norm_weight_.get(); }
    const float* norm_bias() const { return device_norm_bias_.get(); }
    uint64_t* spikes() const { return spikes_.get(); }
    NeuronArg neuron() const { return neuron_; }

    // What later launches must bring again to the last bit.
    void forget_spikes() { spikes_.fill(0xff); }
    std::vector<uint64_t> read_spikes() const { return spikes_.read(); }

    void compare(const std::string& what) {
        if (epilogue_ != REAL) {
            expected_.compare(spikes_.read(), 1e-4, what);
            return;
        }
        const std::vector<float> actual = real_.read();
        double worst = 0;
        for (size_t i = 0; i < actual.size(); i++) {
            const double error = std::fabs(actual[i] - expected_real_[i]);
            if (!(error <= 2e-5 + 2e-5 * std::fabs(expected_real_[i])))
                throw std::runtime_error(what + ": real " + std::to_string(i) + " is " + std::to_string(actual[i]) + ", not " +
                                         std::to_string(expected_real_[i]));
            worst = std::fmax(worst, error);
        }
        std::printf("%s: real within %.1e\n", what.c_str(), worst);
    }

private:
    // Ternary and binary kinds take rows of few magnitudes; so does i8 from dense weights, which it then represents exactly.
    std::vector<float> values(int outputs, int inputs, Stored type, std::mt19937& random) const {
        const double deviation = 1 / std::sqrt(0.25 * inputs);
        std::vector<float> values = random_floats(size_t(outputs) * inputs, 0, deviation, random);
        const bool ternary = kind_ == "ternary" || (kind_ == "i8" && type == F32);
        if (!ternary && kind_ != "binary") return values;
        for (int r = 0; r < outputs; r++) {
            const float magnitude = float(deviation) * (1 + 0.1f * float(r % 7));
            values[size_t(r) * inputs] = float(deviation) * 3;  // a row has at least one weight that is not zero
            for (int c = 0; c < inputs; c++) {
                float& v = values[size_t(r) * inputs + c];
                v = ternary && std::fabs(v) < deviation / 2 ? 0 : v < 0 ? -magnitude : magnitude;
            }
        }
        return values;
    }

    void compute(const Spikes* residual) {
        for (int row = 0; row < in_.rows; row++) {
            std::vector<double> u;
            for (int t = 0; t < in_.timesteps; t++) {
                std::vector<double> current(bias_.begin(), bias_.end());
                for (int k = 0; k < in_.width; k++)
                    if (in_.get(row, t, k))
                        for (int n = 0; n < outputs; n++) current[n] += weight_.at(n, k);
                if (epilogue_ == NORM_MEMBRANE) {
                    for (int n = 0; n < outputs; n++) current[n] += residual->get(row, t, n);
                    layer_norm(current, norm_weight_, norm_bias_, 1e-12);
                }
                if (epilogue_ == GELU_MEMBRANE)
                    for (double& v : current) v = gelu(v);
                if (epilogue_ == REAL)
                    for (int n = 0; n < outputs; n++) expected_real_[(size_t(row) * in_.timesteps + t) * outputs + n] = current[n];
                else
                    expected_.step(row, t, current, u);
            }
        }
    }

    std::string kind_;
    int32_t epilogue_;
    NeuronCase neuron_;
    const Spikes& in_;
    StoredMatrix weight_;
    std::vector<float> bias_, norm_weight_, norm_bias_;
    Buffer<float> device_bias_, device_norm_weight_, device_norm_bias_;
    Expected expected_;
    std::vector<double> expected_real_;
    Buffer<float> real_;
    Buffer<uint64_t> spikes_;
};
