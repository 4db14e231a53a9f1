// The stated accuracy of GELU and exp2, and the bit matrix, in every variant.
#include "check.hpp"

using namespace test;

#define DECLARE(variant)                                                                                                                            \
    namespace leanspike::variant {                                                                                                                  \
    void gelu_of(const float *x, float *y, int64_t count);                                                                                          \
    void exp2_of(const float *x, float *y, int64_t count);                                                                                          \
    void transposed_bits(uint64_t (&matrix)[64]);                                                                                                   \
    uint64_t bits_from(const uint64_t *row, int64_t at, int64_t n);                                                                                 \
    }
DECLARE(scalar)
#if defined(__x86_64__)
DECLARE(avx2)
DECLARE(avx512)
DECLARE(avx512_vpopcntdq)
#endif

namespace {

struct Functions {
    int32_t variant;
    void (*gelu)(const float *, float *, int64_t);
    void (*exp2)(const float *, float *, int64_t);
    void (*transpose)(uint64_t (&)[64]);
    uint64_t (*bits)(const uint64_t *, int64_t, int64_t);
};

const Functions FUNCTIONS[] = {
#define FUNCTIONS_OF(id, variant)                                                                                                                   \
    {id,                                                                                                                                            \
     leanspike::variant::gelu_of,                                                                                                                   \
     leanspike::variant::exp2_of,                                                                                                                   \
     leanspike::variant::transposed_bits,                                                                                                           \
     leanspike::variant::bits_from}
    FUNCTIONS_OF(LEANSPIKE_VARIANT_SCALAR, scalar),
#if defined(__x86_64__)
    FUNCTIONS_OF(LEANSPIKE_VARIANT_AVX2, avx2),
    FUNCTIONS_OF(LEANSPIKE_VARIANT_AVX512, avx512),
    FUNCTIONS_OF(LEANSPIKE_VARIANT_AVX512_VPOPCNTDQ, avx512_vpopcntdq),
#endif
};

template <class Exact, class Bound>
void sweep(const std::string &where, void (*function)(const float *, float *, int64_t), double low, double high, const Exact &exact, const Bound &bound) {
    constexpr int64_t COUNT = 1 << 18;
    std::vector<float> x(COUNT), y(COUNT);
    for (int64_t i = 0; i < COUNT; ++i) x[static_cast<size_t>(i)] = static_cast<float>(low + (high - low) * static_cast<double>(i) / (COUNT - 1));
    function(x.data(), y.data(), COUNT);
    double worst = 0;
    for (size_t i = 0; i < COUNT; ++i) {
        const double at = static_cast<double>(x[i]), error = std::abs(static_cast<double>(y[i]) - exact(at));
        if (!(error <= bound(at))) expect(false, where, text("at ", x[i], " is ", y[i], ", must be ", exact(at), " within ", bound(at)));
        worst = std::max(worst, error / bound(at));
    }
    std::printf("%s: worst error %.2f of its bound\n", where.c_str(), worst);
}

void try_functions(const Functions &f) {
    const std::string variant = name_of(f.variant);
    const auto gelu = [](double x) { return 0.5 * x * (1 + std::erf(x / std::sqrt(2.0))); };
    const auto close = [](double x) { return 2e-7 * std::abs(x) + 1e-7; };
    sweep("gelu " + variant, f.gelu, -8, 8, gelu, close);
    sweep("gelu " + variant + " far out", f.gelu, -3e4, 3e4, gelu, close);
    sweep("exp2 " + variant, f.exp2, -126, 0, [](double y) { return std::exp2(y); }, [](double y) { return 1.7e-7 * std::exp2(y); });
    const auto nothing = [](double) { return 0.0; };
    sweep("exp2 " + variant + " below", f.exp2, -1000, -126.5, nothing, [](double) { return 2e-38; });
    sweep("exp2 " + variant + " far below", f.exp2, -3e38, -1e38, nothing, [](double) { return 2e-38; });
}

void try_bits(const Functions &f, uint64_t seed) {
    const std::string where = text("bit matrix ", name_of(f.variant), " seed ", seed);
    Random random(seed);
    uint64_t matrix[64], turned[64];
    for (uint64_t &row : matrix) row = random.bits();
    std::memcpy(turned, matrix, sizeof matrix);
    f.transpose(turned);
    for (int r = 0; r < 64; ++r)
        for (int c = 0; c < 64; ++c) expect((matrix[r] >> c & 1) == (turned[c] >> r & 1), where, text("row ", r, " column ", c, " is not transposed"));
    for (int64_t at = 0; at < 128; ++at)
        for (int64_t n = 1; n <= 64 && at + n <= 128; ++n) {
            const uint64_t got = f.bits(matrix, at, n);
            bool same = n == 64 || got >> n == 0;
            for (int64_t i = 0; i < n; ++i) same = same && (got >> i & 1) == (matrix[(at + i) / 64] >> ((at + i) % 64) & 1);
            expect(same, where, text(n, " bits at ", at, " are wrong"));
        }
}

} // namespace

int main() {
    for (const Functions &f : FUNCTIONS)
        if (leanspike_variant_supported(f.variant) != 0) {
            try_functions(f);
            for (uint64_t seed = 6000; seed < 6010; ++seed) try_bits(f, seed);
        }
    return finish("numerics");
}
