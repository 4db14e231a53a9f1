// What every test program uses: checks that name the case, seeded numbers, contexts of every variant this machine runs.
#pragma once

#include <cmath>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <functional>
#include <memory>
#include <new>
#include <sstream>
#include <string>
#include <vector>

#include "leanspike.h"

namespace test {

inline int &failures() {
    static int count = 0;
    return count;
}

inline void expect(bool good, const std::string &where, const std::string &what) {
    if (good) return;
    if (++failures() <= 20) std::fprintf(stderr, "FAILED %s: %s\n", where.c_str(), what.c_str());
}

inline std::string last_error() {
    char text[512];
    leanspike_last_error(text, sizeof text);
    return text;
}

inline void expect_ok(int32_t status, const std::string &where) {
    expect(status == LEANSPIKE_OK, where, "status " + std::to_string(status) + " " + last_error());
}

inline int finish(const char *program) {
    if (failures() == 0) return 0;
    std::fprintf(stderr, "%s: %d checks failed\n", program, failures());
    return 1;
}

// Joins its arguments as text: the label of a case.
template <class... Parts>
std::string text(const Parts &...parts) {
    std::ostringstream out;
    (out << ... << parts);
    return out.str();
}

// splitmix64
class Random {
  public:
    explicit Random(uint64_t seed) : state_(seed) {}
    uint64_t bits() {
        uint64_t z = (state_ += 0x9e3779b97f4a7c15u);
        z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
        z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
        return z ^ (z >> 31);
    }
    double unit() { return static_cast<double>(bits() >> 11) * 0x1p-53; }
    float uniform(double low, double high) { return static_cast<float>(low + (high - low) * unit()); }
    int64_t below(int64_t n) { return static_cast<int64_t>(bits() % static_cast<uint64_t>(n)); }
    std::vector<float> uniforms(int64_t n, double low, double high) {
        std::vector<float> values(static_cast<size_t>(n));
        for (float &value : values) value = uniform(low, high);
        return values;
    }

  private:
    uint64_t state_;
};

inline int64_t words(int64_t width) { return (width + 63) / 64; }

// Spikes [rows][timesteps][words(width)].
struct Spikes {
    int64_t rows, timesteps, width;
    std::vector<uint64_t> data;

    Spikes(int64_t r, int64_t t, int64_t w) : rows(r), timesteps(t), width(w), data(static_cast<size_t>(r * t * words(w))) {}
    const uint64_t *row(int64_t r, int64_t t) const { return data.data() + (r * timesteps + t) * words(width); }
    uint64_t *row(int64_t r, int64_t t) { return data.data() + (r * timesteps + t) * words(width); }
    bool get(int64_t r, int64_t t, int64_t j) const { return (row(r, t)[j / 64] >> (j % 64) & 1) != 0; }
    static Spikes random(Random &random, int64_t rows, int64_t timesteps, int64_t width, double density) {
        Spikes spikes(rows, timesteps, width);
        for (int64_t r = 0; r < rows; ++r)
            for (int64_t t = 0; t < timesteps; ++t)
                for (int64_t j = 0; j < width; ++j)
                    if (random.unit() < density) spikes.row(r, t)[j / 64] |= uint64_t{1} << (j % 64);
        return spikes;
    }
    // Rubbish in every word, to see that all of them are written.
    void soil() { std::memset(data.data(), 0xa5, data.size() * 8); }
};

struct Context {
    leanspike_context *handle = nullptr;
    Context(int32_t threads, int32_t variant) { expect_ok(leanspike_context_create(threads, variant, &handle), "context_create"); }
    ~Context() { leanspike_context_destroy(handle); }
    Context(const Context &) = delete;
    Context &operator=(const Context &) = delete;
    operator leanspike_context *() const { return handle; }
};

inline const char *name_of(int32_t variant) {
    const char *names[] = {"scalar", "avx2", "avx2_vnni", "avx512", "avx512_vpopcntdq"};
    return names[variant];
}

inline std::vector<int32_t> variants() {
    std::vector<int32_t> found;
    for (int32_t v = LEANSPIKE_VARIANT_SCALAR; v <= LEANSPIKE_VARIANT_AVX512_VPOPCNTDQ; ++v)
        if (leanspike_variant_supported(v) != 0) found.push_back(v);
    return found;
}

// The contexts that must give the same bits: 1, 2 and 3 threads of one variant.
struct Contexts {
    int32_t variant;
    std::vector<std::unique_ptr<Context>> by_threads;
    explicit Contexts(int32_t v) : variant(v) {
        for (int32_t threads = 1; threads <= 3; ++threads) by_threads.push_back(std::make_unique<Context>(threads, v));
    }
    leanspike_context *one() const { return *by_threads[0]; }
};

struct FreeAligned {
    void operator()(float *p) const { ::operator delete(p, std::align_val_t{64}); }
};

struct Packed {
    std::unique_ptr<float, FreeAligned> data;
    Packed(leanspike_context *context, const leanspike_matrix &matrix, const std::string &where) {
        allocate(leanspike_packed_bytes(matrix.rows, matrix.cols));
        expect_ok(leanspike_pack_weights(context, &matrix, data.get()), where);
    }
    Packed(leanspike_context *context, const leanspike_low_bit_matrix &matrix, int32_t weights, const std::string &where) {
        allocate(leanspike_packed_low_bit_bytes(weights, matrix.rows, matrix.cols));
        expect_ok(leanspike_pack_low_bit(context, &matrix, weights, data.get()), where);
    }
    const float *get() const { return data.get(); }

    static Packed int8(leanspike_context *context, const leanspike_matrix &matrix, int32_t weights, const std::string &where) {
        Packed packed;
        packed.allocate(leanspike_packed_int8_bytes(matrix.rows, matrix.cols));
        expect_ok(leanspike_pack_int8(context, &matrix, weights, packed.data.get()), where);
        return packed;
    }

  private:
    Packed() = default;
    void allocate(int64_t bytes) {
        data.reset(static_cast<float *>(::operator new(static_cast<size_t>(bytes), std::align_val_t{64})));
        std::memset(data.get(), 0xff, static_cast<size_t>(bytes)); // NaN, unless it is written
    }
};

} // namespace test
