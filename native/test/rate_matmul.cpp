// rate_matmul against float64: every variant, epilogue, element type; ragged shapes; the same bits for any threads, tile and batch.
#include <algorithm>

#include "reference.hpp"

using namespace test;

namespace {

struct Case {
    int64_t rows, inputs, outputs;
    int32_t epilogue;
    uint64_t seed;
    Random random;
    Stored weights;
    std::vector<float> input, residual, bias, norm_weight, norm_bias;
    leanspike_neuron neuron = {0.8f, 1.0f, 0.0f, LEANSPIKE_RESET_SOFT};

    Case(int64_t r, int64_t in, int64_t out, int32_t e, uint64_t number)
        : rows(r), inputs(in), outputs(out), epilogue(e), seed(number), random(number), weights(random, out, in, static_cast<int32_t>(number % 4), 0.25),
          input(random.uniforms(r * in, 0, 1)), residual(random.uniforms(r * out, 0, 1)), bias(random.uniforms(out, -0.2, 0.3)),
          norm_weight(random.uniforms(out, 0.5, 1.5)), norm_bias(random.uniforms(out, -0.2, 0.2)) {}

    leanspike_layer_norm norm() const { return {norm_weight.data(), norm_bias.data(), 1e-12f, 0}; }

    Currents reference() const {
        Currents currents(rows, 1, outputs);
        for (int64_t r = 0; r < rows; ++r) {
            for (int64_t j = 0; j < outputs; ++j) {
                double sum = static_cast<double>(bias[static_cast<size_t>(j)]), magnitude = std::abs(sum);
                for (int64_t k = 0; k < inputs; ++k) {
                    const double term = weights.at(j, k) * static_cast<double>(input[static_cast<size_t>(r * inputs + k)]);
                    sum += term;
                    magnitude += std::abs(term);
                }
                if (epilogue == LEANSPIKE_EPILOGUE_NORM_MEMBRANE) sum += static_cast<double>(residual[static_cast<size_t>(r * outputs + j)]);
                const size_t at = currents.at(r, 0, j);
                currents.value[at] = epilogue == LEANSPIKE_EPILOGUE_GELU_MEMBRANE ? gelu(sum) : sum;
                currents.error[at] = 1.2 * rounding(magnitude) + 3e-7 * std::abs(sum);
            }
            if (epilogue == LEANSPIKE_EPILOGUE_NORM_MEMBRANE)
                layer_norm(&currents.value[currents.at(r, 0, 0)], &currents.error[currents.at(r, 0, 0)], outputs, norm());
        }
        if (epilogue != LEANSPIKE_EPILOGUE_REAL)
            for (size_t i = 0; i < currents.value.size(); ++i) {
                currents.value[i] = std::clamp(currents.value[i] / static_cast<double>(neuron.threshold), 0.0, 1.0);
                currents.error[i] = currents.error[i] / static_cast<double>(neuron.threshold) + 1e-7;
            }
        return currents;
    }

    void run(leanspike_context *context, const Packed &packed, int32_t tile_rows, int64_t first, int64_t count, std::vector<float> &output) const {
        leanspike_rate_matmul_args args = {};
        args.input = input.data() + first * inputs;
        args.packed = packed.get();
        args.bias = bias.data();
        args.neuron = neuron;
        args.rows = count;
        args.inputs = inputs;
        args.outputs = outputs;
        args.epilogue = epilogue;
        args.tile_rows = tile_rows;
        args.output = output.data() + first * outputs;
        if (epilogue == LEANSPIKE_EPILOGUE_NORM_MEMBRANE) {
            args.residual = residual.data() + first * outputs;
            args.norm = norm();
        }
        expect_ok(leanspike_rate_matmul(context, &args), "rate_matmul");
    }
};

void try_case(const Case &c, const std::vector<std::unique_ptr<Contexts>> &all) {
    const Currents currents = c.reference();
    for (const auto &contexts : all) {
        const std::string where = text("rate_matmul ", name_of(contexts->variant), " rows ", c.rows, " inputs ", c.inputs, " outputs ", c.outputs,
                                       " epilogue ", c.epilogue, " seed ", c.seed);
        const Packed packed(contexts->one(), c.weights.matrix, where);
        std::vector<float> output(currents.value.size(), NAN);
        c.run(contexts->one(), packed, 0, 0, c.rows, output);
        for (size_t i = 0; i < output.size(); ++i) expect_near(output[i], currents.value[i], currents.error[i], where, text("output ", i));
        for (const auto &context : contexts->by_threads)
            for (const int32_t tile_rows : {0, 1, 7, 100000}) {
                std::vector<float> other(output.size(), NAN);
                c.run(*context, packed, tile_rows, 0, c.rows, other);
                expect(other == output, where, text("not the same bits with tile_rows ", tile_rows));
            }
        std::vector<float> other(output.size(), NAN);
        const int64_t part = c.rows / 3 + 1;
        for (int64_t first = 0; first < c.rows; first += part) c.run(contexts->one(), packed, 0, first, std::min(part, c.rows - first), other);
        expect(other == output, where, "not the same bits with the batch split");
    }
}

} // namespace

int main() {
    std::vector<std::unique_ptr<Contexts>> all;
    for (const int32_t variant : variants()) all.push_back(std::make_unique<Contexts>(variant));
    const int64_t shapes[][3] = {{1, 1, 1}, {2, 5, 7}, {6, 64, 64}, {7, 65, 63}, {13, 300, 130}, {50, 128, 200}, {3, 770, 65}, {4, 30, 2000}};
    uint64_t seed = 5000;
    for (const auto &shape : shapes)
        for (int32_t epilogue = LEANSPIKE_EPILOGUE_REAL; epilogue <= LEANSPIKE_EPILOGUE_GELU_MEMBRANE; ++epilogue) {
            const uint64_t number = seed + static_cast<uint64_t>(epilogue) + static_cast<uint64_t>(shape[0] % 4);
            try_case(Case(shape[0], shape[1], shape[2], epilogue, number), all);
            seed += 16;
        }
    return finish("rate_matmul");
}
