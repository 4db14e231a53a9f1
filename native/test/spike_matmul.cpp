// spike_matmul against float64: every variant, epilogue, neuron; ragged shapes; the same bits for any threads, tile and batch.
#include "reference.hpp"

using namespace test;

namespace {

struct Shape {
    int64_t rows, timesteps, inputs, outputs;
    double density;
};

// The weights of a case: stored numbers, bytes or bits in one of their packed forms.
struct Weights {
    int32_t form;
    Stored stored;
    LowBits bits;

    // type: an element type for the form FLOAT
    Weights(Random &random, const Shape &s, int32_t weights, int32_t type)
        : form(weights), stored(random, s.outputs, s.inputs, weights >= LEANSPIKE_WEIGHTS_INT8_BYTES ? LEANSPIKE_I8 : type, 0.25),
          bits(random, s.outputs, s.inputs, weights == LEANSPIKE_WEIGHTS_BINARY_PLANE || (weights == LEANSPIKE_WEIGHTS_BYTES && type % 2 == 1), 0.2) {}

    bool is_float() const { return form == LEANSPIKE_WEIGHTS_FLOAT; }
    bool is_int8() const { return form >= LEANSPIKE_WEIGHTS_INT8_BYTES; }
    double at(int64_t output, int64_t input) const { return is_float() || is_int8() ? stored.at(output, input) : bits.at(output, input); }
    int integer(int64_t output, int64_t input) const { return is_int8() ? stored.byte(output, input) : bits.sign(output, input); }
    const float *scale() const { return is_float() ? nullptr : is_int8() ? stored.matrix.scale : bits.scale.data(); }
    Packed pack(leanspike_context *context, const std::string &where) const {
        if (is_int8()) return Packed::int8(context, stored.matrix, form, where);
        return is_float() ? Packed(context, stored.matrix, where) : Packed(context, bits.matrix, form, where);
    }
};

struct Case {
    Shape shape;
    int32_t epilogue;
    NamedNeuron neuron;
    uint64_t seed;
    Random random;
    Spikes input, residual;
    Weights weights;
    std::vector<float> bias, norm_weight, norm_bias;

    Case(const Shape &s, int32_t e, const NamedNeuron &n, int32_t form, int32_t type, uint64_t number)
        : shape(s), epilogue(e), neuron(n), seed(number), random(number), input(Spikes::random(random, s.rows, s.timesteps, s.inputs, s.density)),
          residual(Spikes::random(random, s.rows, s.timesteps, s.outputs, 0.25)), weights(random, s, form, type),
          bias(random.uniforms(s.outputs, -0.2, 0.3)), norm_weight(random.uniforms(s.outputs, 0.5, 1.5)),
          norm_bias(random.uniforms(s.outputs, -0.2, 0.2)) {}

    std::string label(int32_t variant) const {
        return text("spike_matmul ", name_of(variant), " rows ", shape.rows, " timesteps ", shape.timesteps, " inputs ", shape.inputs, " outputs ",
                    shape.outputs, " epilogue ", epilogue, " neuron ", neuron.name, " form ", weights.form, " type ", weights.stored.matrix.type, " seed ",
                    seed);
    }

    leanspike_layer_norm norm() const { return {norm_weight.data(), norm_bias.data(), 1e-12f, 0}; }

    Currents reference() const {
        Currents currents(shape.rows, shape.timesteps, shape.outputs);
        for (int64_t r = 0; r < shape.rows; ++r)
            for (int64_t t = 0; t < shape.timesteps; ++t) {
                for (int64_t j = 0; j < shape.outputs; ++j) {
                    double sum = static_cast<double>(bias[static_cast<size_t>(j)]), magnitude = std::abs(sum);
                    for (int64_t k = 0; k < shape.inputs; ++k)
                        if (input.get(r, t, k)) {
                            sum += weights.at(j, k);
                            magnitude += std::abs(weights.at(j, k));
                        }
                    if (epilogue == LEANSPIKE_EPILOGUE_NORM_MEMBRANE && residual.get(r, t, j)) sum += 1;
                    const size_t at = currents.at(r, t, j);
                    currents.error[at] = rounding(magnitude);
                    currents.value[at] = sum;
                    if (epilogue == LEANSPIKE_EPILOGUE_GELU_MEMBRANE) {
                        currents.value[at] = gelu(sum);
                        currents.error[at] = 1.2 * currents.error[at] + 3e-7 * std::abs(sum);
                    }
                }
                if (epilogue == LEANSPIKE_EPILOGUE_NORM_MEMBRANE)
                    layer_norm(&currents.value[currents.at(r, t, 0)], &currents.error[currents.at(r, t, 0)], shape.outputs, norm());
            }
        return currents;
    }

    // Rows first .. first + rows - 1.
    leanspike_spike_matmul_args args(const Packed &packed, int32_t tile_rows, int64_t first, int64_t rows, Spikes &spikes,
                                     std::vector<float> &real) const {
        leanspike_spike_matmul_args args = {};
        args.input = input.row(first, 0);
        args.packed = packed.get();
        args.scale = weights.scale();
        args.weights = weights.form;
        args.bias = bias.data();
        args.neuron = neuron.neuron;
        args.rows = rows;
        args.inputs = shape.inputs;
        args.outputs = shape.outputs;
        args.timesteps = static_cast<int32_t>(shape.timesteps);
        args.epilogue = epilogue;
        args.tile_rows = tile_rows;
        if (epilogue == LEANSPIKE_EPILOGUE_NORM_MEMBRANE) {
            args.residual = residual.row(first, 0);
            args.norm = norm();
        }
        if (epilogue == LEANSPIKE_EPILOGUE_REAL)
            args.real = real.data() + first * shape.timesteps * shape.outputs;
        else
            args.spikes = spikes.row(first, 0);
        return args;
    }

    // As a call of their own.
    void run(leanspike_context *context, const Packed &packed, int32_t tile_rows, int64_t first, int64_t rows, Spikes &spikes,
             std::vector<float> &real) const {
        const leanspike_spike_matmul_args call = args(packed, tile_rows, first, rows, spikes, real);
        expect_ok(leanspike_spike_matmul(context, &call), "spike_matmul");
    }
};

// What every variant's product must equal bit for bit: float32 additions only, in order of input; or an exact integer, scaled once.
void expect_exact_product(const Case &c, const std::vector<float> &real, const std::string &where) {
    for (int64_t r = 0; r < c.shape.rows; ++r)
        for (int64_t t = 0; t < c.shape.timesteps; ++t)
            for (int64_t j = 0; j < c.shape.outputs; ++j) {
                volatile float sum = 0.0f;
                int64_t integers = 0;
                for (int64_t k = 0; k < c.shape.inputs; ++k)
                    if (c.input.get(r, t, k)) {
                        sum = sum + static_cast<float>(c.weights.at(j, k));
                        if (!c.weights.is_float()) integers += c.weights.integer(j, k);
                    }
                if (!c.weights.is_float()) sum = c.weights.scale()[j] * static_cast<float>(integers);
                const float want = sum + c.bias[static_cast<size_t>(j)];
                const float got = real[static_cast<size_t>((r * c.shape.timesteps + t) * c.shape.outputs + j)];
                expect(got == want, where, text("row ", r, " timestep ", t, " output ", j, " is ", got, ", must be exactly ", want));
            }
}

void try_case(const Case &c, const std::vector<std::unique_ptr<Contexts>> &all) {
    const Currents currents = c.reference();
    const bool real_valued = c.epilogue == LEANSPIKE_EPILOGUE_REAL;
    for (const auto &contexts : all) {
        const std::string where = c.label(contexts->variant);
        const Packed packed = c.weights.pack(contexts->one(), where);
        Spikes spikes(c.shape.rows, c.shape.timesteps, c.shape.outputs);
        std::vector<float> real(real_valued ? currents.value.size() : 0);
        spikes.soil();
        c.run(contexts->one(), packed, 0, 0, c.shape.rows, spikes, real);
        if (real_valued)
            expect_exact_product(c, real, where);
        else
            expect_spikes(spikes, currents, c.neuron.neuron, where);

        const auto same = [&](const Spikes &others, const std::vector<float> &other_real, const std::string &how) {
            const bool equal = real_valued ? other_real == real : others.data == spikes.data;
            expect(equal, where, "not the same bits with " + how);
        };
        int32_t threads = 0;
        for (const auto &context : contexts->by_threads) {
            ++threads;
            for (const int32_t tile_rows : {0, 1, 3, 100000}) {
                Spikes others(c.shape.rows, c.shape.timesteps, c.shape.outputs);
                std::vector<float> other_real(real.size());
                others.soil();
                c.run(*context, packed, tile_rows, 0, c.shape.rows, others, other_real);
                same(others, other_real, text(threads, " threads, tile_rows ", tile_rows));
            }
        }
        if (c.shape.rows > 1) {
            Spikes others(c.shape.rows, c.shape.timesteps, c.shape.outputs);
            std::vector<float> other_real(real.size());
            const int64_t part = c.shape.rows / 3 + 1;
            for (int64_t first = 0; first < c.shape.rows; first += part)
                c.run(contexts->one(), packed, 0, first, std::min(part, c.shape.rows - first), others, other_real);
            same(others, other_real, "the batch split");
        }
    }
}

// Spikes beyond the width are the caller's mistake; they must not read beyond the weights or change anything.
void stray_bits_add_nothing(const Contexts &contexts, int32_t form) {
    Case c({3, 2, 70, 65, 0.3}, LEANSPIKE_EPILOGUE_REAL, neurons(1.0f)[0], form, LEANSPIKE_F32, 77);
    const std::string where = c.label(contexts.variant);
    const Packed packed = c.weights.pack(contexts.one(), where);
    Spikes unused(0, 0, 1);
    std::vector<float> clean(3 * 2 * 65), strayed(clean.size());
    c.run(contexts.one(), packed, 0, 0, 3, unused, clean);
    for (int64_t r = 0; r < 3; ++r) c.input.row(r, 0)[1] |= ~uint64_t{0} << 6;
    c.run(contexts.one(), packed, 0, 0, 3, unused, strayed);
    expect(clean == strayed, where, "bits beyond the width changed the product");
}

// Products of other shapes, forms and epilogues in one launch.
void fused_products_are_the_same(const Contexts &contexts) {
    const std::vector<NamedNeuron> every = neurons(1.0f);
    std::vector<Case> cases;
    cases.reserve(4);
    cases.emplace_back(Shape{33, 4, 100, 200, 0.2}, LEANSPIKE_EPILOGUE_MEMBRANE, every[0], LEANSPIKE_WEIGHTS_TERNARY_PLANES, LEANSPIKE_F32, 500);
    cases.emplace_back(Shape{9, 3, 257, 192, 0.3}, LEANSPIKE_EPILOGUE_REAL, every[0], LEANSPIKE_WEIGHTS_FLOAT, LEANSPIKE_F16, 501);
    cases.emplace_back(Shape{1, 1, 64, 65, 0.5}, LEANSPIKE_EPILOGUE_NORM_MEMBRANE, every[1], LEANSPIKE_WEIGHTS_BYTES, LEANSPIKE_F32, 502);
    cases.emplace_back(Shape{40, 1, 70, 300, 0.2}, LEANSPIKE_EPILOGUE_GELU_MEMBRANE, every[2], LEANSPIKE_WEIGHTS_INT8_DOTS, LEANSPIKE_I8, 503);
    for (const auto &context : contexts.by_threads) {
        std::vector<Packed> packed;
        std::vector<Spikes> spikes, want;
        std::vector<std::vector<float>> real, real_want;
        for (const Case &c : cases) {
            packed.push_back(c.weights.pack(*context, "fused"));
            want.emplace_back(c.shape.rows, c.shape.timesteps, c.shape.outputs);
            real_want.emplace_back(c.epilogue == LEANSPIKE_EPILOGUE_REAL ? static_cast<size_t>(c.shape.rows * c.shape.timesteps * c.shape.outputs) : 0);
            c.run(*context, packed.back(), 0, 0, c.shape.rows, want.back(), real_want.back());
            spikes.emplace_back(c.shape.rows, c.shape.timesteps, c.shape.outputs);
            spikes.back().soil();
            real.emplace_back(real_want.back().size());
        }
        std::vector<leanspike_spike_matmul_args> args;
        for (size_t i = 0; i < cases.size(); ++i) args.push_back(cases[i].args(packed[i], 0, 0, cases[i].shape.rows, spikes[i], real[i]));
        expect_ok(leanspike_spike_matmul_fused(*context, args.data(), static_cast<int32_t>(args.size())), "spike_matmul_fused");
        for (size_t i = 0; i < cases.size(); ++i)
            expect(real[i] == real_want[i] && (!real[i].empty() || spikes[i].data == want[i].data), cases[i].label(contexts.variant), "not the same bits fused");
    }
}

// One timestep decides most spikes without GELU: with currents all over, and closely packed around the one where spikes begin, they are the
// first ones of a run with two timesteps.
void one_timestep_spikes_as_the_first_of_two(const Contexts &contexts) {
    constexpr int64_t OUTPUTS = 20000;
    for (const float threshold : {0.25f, 1.0f, 6.0f})
        for (const float potential : {-1.0f, 0.0f, 0.5f, 0.999f, 0.999999f, 1.0f, 1.1f}) {
            const leanspike_neuron neuron = {threshold, 1.0f, potential * threshold, LEANSPIKE_RESET_SOFT};
            double begin = 0, end = 16; // where spikes begin
            const double lacking = static_cast<double>(threshold) - static_cast<double>(neuron.initial_potential);
            while (end - begin > 1e-9) (gelu((begin + end) / 2) < lacking ? begin : end) = (begin + end) / 2;
            std::vector<float> bias(OUTPUTS);
            for (int64_t j = 0; j < OUTPUTS; ++j) {
                const double from_centre = static_cast<double>(j % (OUTPUTS / 2)) / (OUTPUTS / 4) - 1;
                bias[static_cast<size_t>(j)] = static_cast<float>(j < OUTPUTS / 2 ? begin + 4e-5 * from_centre : 12 * from_centre);
            }
            const std::vector<float> zeros(OUTPUTS, 0.0f);
            const leanspike_matrix matrix = {zeros.data(), nullptr, OUTPUTS, 1, LEANSPIKE_F32, 0};
            const Packed packed(contexts.one(), matrix, "pack_weights");
            Spikes input(1, 2, 1), once(1, 1, OUTPUTS), twice(1, 2, OUTPUTS);
            leanspike_spike_matmul_args args = {};
            args.input = input.data.data();
            args.packed = packed.get();
            args.bias = bias.data();
            args.neuron = neuron;
            args.rows = 1;
            args.inputs = 1;
            args.outputs = OUTPUTS;
            args.epilogue = LEANSPIKE_EPILOGUE_GELU_MEMBRANE;
            for (Spikes *spikes : {&once, &twice}) {
                args.timesteps = static_cast<int32_t>(spikes->timesteps);
                args.spikes = spikes->data.data();
                expect_ok(leanspike_spike_matmul(contexts.one(), &args), "spike_matmul");
            }
            for (int64_t j = 0; j < OUTPUTS; ++j)
                expect(once.get(0, 0, j) == twice.get(0, 0, j), text("one timestep ", name_of(contexts.variant)),
                       text("threshold ", threshold, ", initial potential ", neuron.initial_potential, ", current ", bias[static_cast<size_t>(j)],
                            ": the spike is not the first of two timesteps"));
        }
}

} // namespace

int main() {
    std::vector<std::unique_ptr<Contexts>> all;
    for (const int32_t variant : variants()) all.push_back(std::make_unique<Contexts>(variant));
    const Shape shapes[] = {
        {1, 1, 1, 1, 1.0},    {1, 1, 1, 1, 0.0},   {2, 3, 5, 7, 0.4},    {5, 4, 64, 64, 0.2},   {7, 2, 65, 63, 0.3},    {3, 16, 127, 129, 0.2},
        {33, 4, 100, 200, 0.2}, {1, 130, 70, 90, 0.1}, {2, 700, 20, 33, 0.3}, {4, 5, 300, 70, 0.05}, {9, 3, 257, 192, 0.95}, {1, 9, 40, 3100, 0.2},
    };
    uint64_t seed = 1000;
    for (const Shape &shape : shapes)
        for (int32_t epilogue = LEANSPIKE_EPILOGUE_REAL; epilogue <= LEANSPIKE_EPILOGUE_GELU_MEMBRANE; ++epilogue) {
            const std::vector<NamedNeuron> every = neurons(1.0f);
            const size_t turn = static_cast<size_t>(seed % every.size());
            for (int32_t form = LEANSPIKE_WEIGHTS_FLOAT; form <= LEANSPIKE_WEIGHTS_INT8_DOTS; ++form)
                try_case(Case(shape, epilogue, every[turn], form, static_cast<int32_t>(seed / 4 % 4), seed), all);
            ++seed;
        }
    const Shape middle = {6, 8, 96, 80, 0.2};
    for (int32_t epilogue = LEANSPIKE_EPILOGUE_MEMBRANE; epilogue <= LEANSPIKE_EPILOGUE_GELU_MEMBRANE; ++epilogue)
        for (const NamedNeuron &neuron : neurons(0.75f))
            for (int32_t type = LEANSPIKE_F32; type <= LEANSPIKE_I8; ++type)
                try_case(Case(middle, epilogue, neuron, LEANSPIKE_WEIGHTS_FLOAT, type, seed++), all);
    for (const auto &contexts : all)
        for (int32_t form = LEANSPIKE_WEIGHTS_FLOAT; form <= LEANSPIKE_WEIGHTS_INT8_DOTS; ++form) stray_bits_add_nothing(*contexts, form);
    for (const auto &contexts : all) {
        fused_products_are_the_same(*contexts);
        one_timestep_spikes_as_the_first_of_two(*contexts);
    }
    // All inputs spike: a block's sum of bytes is at its largest.
    for (int32_t form = LEANSPIKE_WEIGHTS_BYTES; form <= LEANSPIKE_WEIGHTS_INT8_DOTS; ++form) {
        Case c({2, 1, 320, 70, 1.0}, LEANSPIKE_EPILOGUE_REAL, neurons(1.0f)[0], form, LEANSPIKE_BF16, seed++);
        for (const int8_t extreme : {int8_t{127}, int8_t{-128}}) {
            if (c.weights.is_int8())
                c.weights.stored.fill(extreme);
            else
                c.weights.bits.fill(extreme);
            try_case(c, all);
        }
    }
    return finish("spike_matmul");
}
