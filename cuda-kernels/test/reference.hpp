// The operations in float64, as MODEL.md writes them, and the comparison of spikes with them.
#pragma once
#include <cmath>
#include <cstdint>
#include <cstdio>
#include <random>
#include <stdexcept>
#include <string>
#include <vector>

struct NeuronCase {
    float threshold = 1, leak = 1, initial_potential = 0;
    bool hard = false;
};

// Bit-packed spikes [rows, timesteps, words(width)].
struct Spikes {
    int rows, timesteps, width;
    std::vector<uint64_t> words;

    Spikes(int rows, int timesteps, int width) : rows(rows), timesteps(timesteps), width(width), words(size_t(rows) * timesteps * per_step()) {}
    int per_step() const { return (width + 63) / 64; }
    size_t word(int row, int t, int j) const { return (size_t(row) * timesteps + t) * per_step() + j / 64; }
    bool get(int row, int t, int j) const { return words[word(row, t, j)] >> (j % 64) & 1; }
    void set(int row, int t, int j) { words[word(row, t, j)] |= uint64_t(1) << (j % 64); }

    static Spikes random(int rows, int timesteps, int width, double density, std::mt19937& random) {
        Spikes spikes(rows, timesteps, width);
        std::bernoulli_distribution fires(density);
        for (int row = 0; row < rows; row++)
            for (int t = 0; t < timesteps; t++)
                for (int j = 0; j < width; j++)
                    if (fires(random)) spikes.set(row, t, j);
        return spikes;
    }
};

// What a population must do: its spikes, and how close each unit's potential came to its threshold.
class Expected {
public:
    Expected(int rows, int timesteps, int width, NeuronCase neuron)
        : spikes(rows, timesteps, width), neuron_(neuron), margin_(size_t(rows) * width, 1e30) {}

    // currents [width] of a row at rising timesteps; u is the row's potentials, empty before the first.
    void step(int row, int t, const std::vector<double>& current, std::vector<double>& u) {
        if (u.empty()) u.assign(spikes.width, neuron_.initial_potential);
        for (int j = 0; j < spikes.width; j++) {
            const double potential = u[j] + current[j];
            const bool fires = potential >= neuron_.threshold;
            double& margin = margin_[size_t(row) * spikes.width + j];
            margin = std::fmin(margin, std::fabs(potential - neuron_.threshold));
            if (fires) spikes.set(row, t, j);
            u[j] = neuron_.leak * (neuron_.hard ? (fires ? 0 : potential) : potential - (fires ? neuron_.threshold : 0));
        }
    }

    // Units may differ only where the potential came within tolerance of the threshold; bits beyond the width are zero.
    void compare(const std::vector<uint64_t>& actual, double tolerance, const std::string& what) {
        Spikes got(spikes.rows, spikes.timesteps, spikes.width);
        got.words = actual;
        for (int row = 0; row < spikes.rows; row++) {
            for (int t = 0; t < spikes.timesteps; t++)
                if (spikes.width % 64 && actual[spikes.word(row, t, spikes.width - 1)] >> (spikes.width % 64))
                    throw std::runtime_error(what + ": bits beyond the width are set");
            for (int j = 0; j < spikes.width; j++)
                for (int t = 0; t < spikes.timesteps; t++) {
                    fired += spikes.get(row, t, j);
                    if (got.get(row, t, j) == spikes.get(row, t, j)) continue;
                    const double margin = margin_[size_t(row) * spikes.width + j];
                    if (margin > tolerance)
                        throw std::runtime_error(what + ": row " + std::to_string(row) + " step " + std::to_string(t) + " unit " + std::to_string(j) +
                                                 " should be " + std::to_string(spikes.get(row, t, j)) + ", margin " + std::to_string(margin));
                    flips++;
                    break;
                }
        }
        const double all = double(spikes.rows) * spikes.timesteps * spikes.width;
        std::printf("%s: %.0f spikes of %.0f, %d units within rounding differ\n", what.c_str(), double(fired), all, flips);
    }

    Spikes spikes;
    long fired = 0;
    int flips = 0;

private:
    NeuronCase neuron_;
    std::vector<double> margin_;
};

inline double gelu(double x) { return 0.5 * x * (1 + std::erf(x * std::sqrt(0.5))); }

inline void layer_norm(std::vector<double>& x, const std::vector<float>& weight, const std::vector<float>& bias, double eps) {
    double mean = 0, variance = 0;
    for (double v : x) mean += v;
    mean /= double(x.size());
    for (double v : x) variance += (v - mean) * (v - mean);
    const double inverse = 1 / std::sqrt(variance / double(x.size()) + eps);
    for (size_t i = 0; i < x.size(); i++) x[i] = (x[i] - mean) * inverse * weight[i] + bias[i];
}

inline std::vector<float> random_floats(size_t count, double mean, double deviation, std::mt19937& random) {
    std::normal_distribution<float> normal{float(mean), float(deviation)};
    std::vector<float> values(count);
    for (float& value : values) value = normal(random);
    return values;
}
