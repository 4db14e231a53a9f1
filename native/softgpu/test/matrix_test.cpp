// mma.sync in every variant, against fragment layouts as the PTX ISA states them (row and column of each element of each lane)
// and a plain matrix product; ldmatrix, stmatrix, movmatrix against theirs.
#include "device.h"

#include <bit>
#include <cmath>
#include <random>

namespace {

struct Place {
    int row, column;
};

// The formulas of the ISA, one per matrix shape: element i of a lane in group g with number t inside the group.
struct Layout {
    const char *shape;
    int m, k, element_bits, a_elements, b_elements;
    Place (*a)(int g, int t, int i);
    Place (*b)(int g, int t, int i);
};

Place c16(int g, int t, int i) { return {i < 2 ? g : g + 8, t * 2 + (i & 1)}; }
Place c8(int g, int t, int i) { return {g, t * 2 + i}; }

const Layout half_k8{"m16n8k8", 16, 8, 16, 4, 2, [](int g, int t, int i) { return Place{i < 2 ? g : g + 8, t * 2 + (i & 1)}; },
                     [](int g, int t, int i) { return Place{t * 2 + i, g}; }};
const Layout half_k16{"m16n8k16", 16, 16, 16, 8, 4,
                      [](int g, int t, int i) { return Place{i < 2 || (i >= 4 && i < 6) ? g : g + 8, i < 4 ? t * 2 + (i & 1) : t * 2 + (i & 1) + 8}; },
                      [](int g, int t, int i) { return Place{i < 2 ? t * 2 + (i & 1) : t * 2 + (i & 1) + 8, g}; }};
const Layout tf32_k4{"m16n8k4", 16, 4, 32, 2, 1, [](int g, int t, int i) { return Place{i == 0 ? g : g + 8, t}; }, [](int g, int t, int) { return Place{t, g}; }};
const Layout tf32_k8{"m16n8k8", 16, 8, 32, 4, 2, [](int g, int t, int i) { return Place{i == 0 || i == 2 ? g : g + 8, i < 2 ? t : t + 4}; },
                     [](int g, int t, int i) { return Place{i == 0 ? t : t + 4, g}; }};
const Layout byte_m8{"m8n8k16", 8, 16, 8, 4, 4, [](int g, int t, int i) { return Place{g, t * 4 + i}; }, [](int g, int t, int i) { return Place{t * 4 + i, g}; }};
const Layout byte_k16{"m16n8k16", 16, 16, 8, 8, 4, [](int g, int t, int i) { return Place{i < 4 ? g : g + 8, t * 4 + (i & 3)}; },
                      [](int g, int t, int i) { return Place{t * 4 + (i & 3), g}; }};
const Layout byte_k32{"m16n8k32", 16, 32, 8, 16, 8,
                      [](int g, int t, int i) { return Place{i < 4 || (i >= 8 && i < 12) ? g : g + 8, i < 8 ? t * 4 + (i & 3) : t * 4 + (i & 3) + 16}; },
                      [](int g, int t, int i) { return Place{i < 4 ? t * 4 + (i & 3) : t * 4 + (i & 3) + 16, g}; }};
const Layout nibble_m8{"m8n8k32", 8, 32, 4, 8, 8, [](int g, int t, int i) { return Place{g, t * 8 + i}; }, [](int g, int t, int i) { return Place{t * 8 + i, g}; }};
const Layout nibble_k32{"m16n8k32", 16, 32, 4, 16, 8, [](int g, int t, int i) { return Place{i < 8 ? g : g + 8, t * 8 + (i & 7)}; },
                        [](int g, int t, int i) { return Place{t * 8 + (i & 7), g}; }};
const Layout nibble_k64{"m16n8k64", 16, 64, 4, 32, 16,
                        [](int g, int t, int i) { return Place{i < 8 || (i >= 16 && i < 24) ? g : g + 8, i < 16 ? t * 8 + (i & 7) : t * 8 + (i & 7) + 32}; },
                        [](int g, int t, int i) { return Place{i < 8 ? t * 8 + (i & 7) : t * 8 + (i & 7) + 32, g}; }};
const Layout bit_m8{"m8n8k128", 8, 128, 1, 32, 32, [](int g, int t, int i) { return Place{g, t * 32 + i}; }, [](int g, int t, int i) { return Place{t * 32 + i, g}; }};
const Layout bit_k128{"m16n8k128", 16, 128, 1, 64, 32, [](int g, int t, int i) { return Place{i < 32 ? g : g + 8, t * 32 + (i & 31)}; },
                      [](int g, int t, int i) { return Place{t * 32 + i, g}; }};
const Layout bit_k256{"m16n8k256", 16, 256, 1, 128, 64,
                      [](int g, int t, int i) { return Place{i < 32 || (i >= 64 && i < 96) ? g : g + 8, i < 64 ? t * 32 + (i & 31) : t * 32 + (i & 31) + 128}; },
                      [](int g, int t, int i) { return Place{i < 32 ? t * 32 + i : t * 32 + (i & 31) + 128, g}; }};

struct Codec { // between raw elements and numbers
    double (*value)(uint32_t raw);
};
double s8(uint32_t x) { return int8_t(x); }
double u8(uint32_t x) { return uint8_t(x); }
double s4(uint32_t x) { return (x & 15) >= 8 ? int(x & 15) - 16 : int(x & 15); }
double u4(uint32_t x) { return x & 15; }
double f16(uint32_t x) {
    int e = x >> 10 & 31, m = x & 1023;
    double v = std::ldexp(e ? 1024 + m : m, (e ? e : 1) - 25);
    return x & 0x8000 ? -v : v;
}
double bf16(uint32_t x) { return std::bit_cast<float>(x << 16); }
double tf32(uint32_t x) { return std::bit_cast<float>(x & ~0x1fffu); }

// Fragments of a lane as 32-bit registers, elements from the lowest bits up.
std::vector<uint32_t> fragment(const std::vector<std::vector<uint32_t>> &matrix, int lane, int elements, int bits, Place (*place)(int, int, int)) {
    std::vector<uint32_t> registers(static_cast<size_t>(elements * bits + 31) / 32, 0);
    for (int i = 0; i < elements; i++) {
        Place p = place(lane / 4, lane % 4, i);
        uint32_t raw = matrix[p.row][p.column];
        registers[i * bits / 32] |= (bits == 32 ? raw : raw & ((1u << bits) - 1)) << (i * bits % 32);
    }
    return registers;
}

std::string list(const char *reg, int first, size_t count) {
    std::string text = "{";
    for (size_t i = 0; i < count; i++) text += (i ? ", %" : "%") + std::string(reg) + std::to_string(first + static_cast<int>(i));
    return text + "}";
}

// Lane l reads `inputs` words from in and writes `outputs` words to out.
std::vector<uint32_t> run(const std::string &instruction, const std::vector<uint32_t> &in, size_t inputs, size_t outputs, const std::string &extra = "") {
    static Device *device = new Device;
    cuCtxSetCurrent(device->context);
    std::string ptx = header() + ".visible .entry k(.param .u64 in, .param .u64 out)\n{\n.reg .b32 %r<40>;\n.reg .f32 %f<40>;\n.reg .b64 %d<4>;\n" + extra +
                      "ld.param.u64 %d0, [in];\nld.param.u64 %d1, [out];\nmov.u32 %r39, %tid.x;\nmul.wide.u32 %d2, %r39, " + std::to_string(4 * inputs) +
                      ";\nadd.u64 %d0, %d0, %d2;\nmul.wide.u32 %d2, %r39, " + std::to_string(4 * outputs) + ";\nadd.u64 %d1, %d1, %d2;\n";
    for (size_t i = 0; i < inputs; i++) {
        ptx += "ld.global.u32 %r" + std::to_string(i) + ", [%d0+" + std::to_string(4 * i) + "];\nmov.b32 %f" + std::to_string(i) + ", %r" + std::to_string(i) + ";\n";
    }
    ptx += instruction + "\n";
    for (size_t i = 0; i < outputs; i++) ptx += "st.global.u32 [%d1+" + std::to_string(4 * i) + "], %r" + std::to_string(20 + i) + ";\n";
    ptx += "ret;\n}\n";
    CUfunction kernel = device->kernel(ptx);
    if (!kernel) return std::vector<uint32_t>(32 * outputs);
    CUdeviceptr a = device->put(in), b = device->put(std::vector<uint32_t>(32 * outputs));
    OK(device->launch(kernel, 1, 32, 0, a, b));
    return device->get<uint32_t>(b, 32 * outputs);
}

using Matrix = std::vector<std::vector<uint32_t>>;
Matrix random_matrix(int rows, int columns, int bits, std::mt19937 &random, const char *type) {
    Matrix m(rows, std::vector<uint32_t>(columns));
    for (auto &row : m)
        for (uint32_t &x : row) {
            float f = float(int(random() % 33) - 16) / 4; // exact in every float format
            if (std::string(type) == "f16") x = f == 0 ? 0 : (f < 0 ? 0x8000u : 0) | uint32_t((std::ilogb(f) + 15) << 10) | (uint32_t(std::ldexp(std::fabs(f), 10 - std::ilogb(f))) - 1024);
            else if (std::string(type) == "bf16") x = std::bit_cast<uint32_t>(f) >> 16;
            else if (std::string(type) == "tf32") x = std::bit_cast<uint32_t>(f) | (random() & 0x1fff); // bits that must not count
            else x = uint32_t(random()) & ((1u << bits) - 1);
        }
    return m;
}

void check_whole(const Layout &l, const char *a_type, const char *b_type, double (*a_value)(uint32_t), double (*b_value)(uint32_t), bool saturate) {
    std::mt19937 random(11);
    Matrix a = random_matrix(l.m, l.k, l.element_bits, random, "int"), b = random_matrix(l.k, 8, l.element_bits, random, "int");
    size_t results = l.m / 4;
    auto c_at = l.m == 16 ? c16 : c8;
    std::vector<std::vector<int64_t>> want(l.m, std::vector<int64_t>(8)), c = want;
    for (auto &row : c)
        for (int64_t &x : row) x = saturate ? (random() % 2 ? 0x7fffff00 : -0x7fffff00) : int32_t(random());
    for (int i = 0; i < l.m; i++)
        for (int j = 0; j < 8; j++) {
            int64_t sum = c[i][j];
            for (int k = 0; k < l.k; k++) sum += int64_t(a_value(a[i][k]) * b_value(b[k][j]));
            want[i][j] = saturate ? std::max<int64_t>(INT32_MIN, std::min<int64_t>(INT32_MAX, sum)) : int32_t(uint32_t(sum));
        }
    std::vector<uint32_t> in;
    size_t na = 0, nb = 0;
    for (int lane = 0; lane < 32; lane++) {
        auto fa = fragment(a, lane, l.a_elements, l.element_bits, l.a), fb = fragment(b, lane, l.b_elements, l.element_bits, l.b);
        na = fa.size(), nb = fb.size();
        in.insert(in.end(), fa.begin(), fa.end());
        in.insert(in.end(), fb.begin(), fb.end());
        for (size_t i = 0; i < results; i++) {
            Place p = c_at(lane / 4, lane % 4, static_cast<int>(i));
            in.push_back(uint32_t(c[p.row][p.column]));
        }
    }
    std::string name = std::string("mma.sync.aligned.") + l.shape + ".row.col" + (saturate ? ".satfinite" : "") + ".s32." + a_type + "." + b_type + ".s32 ";
    auto out = run(name + list("r", 20, results) + ", " + list("r", 0, na) + ", " + list("r", int(na), nb) + ", " + list("r", int(na + nb), results) + ";", in, na + nb + results, results);
    for (int lane = 0; lane < 32; lane++)
        for (size_t i = 0; i < results; i++) {
            Place p = c_at(lane / 4, lane % 4, static_cast<int>(i));
            CHECK(int32_t(out[lane * results + i]) == want[p.row][p.column], << name << "lane " << lane << " element " << i);
        }
}

void check_bits(const Layout &l, bool exclusive) {
    std::mt19937 random(12);
    Matrix a = random_matrix(l.m, l.k, 1, random, "int"), b = random_matrix(l.k, 8, 1, random, "int");
    size_t results = l.m / 4;
    auto c_at = l.m == 16 ? c16 : c8;
    std::vector<uint32_t> in;
    size_t na = 0, nb = 0;
    for (int lane = 0; lane < 32; lane++) {
        auto fa = fragment(a, lane, l.a_elements, 1, l.a), fb = fragment(b, lane, l.b_elements, 1, l.b);
        na = fa.size(), nb = fb.size();
        in.insert(in.end(), fa.begin(), fa.end());
        in.insert(in.end(), fb.begin(), fb.end());
        for (size_t i = 0; i < results; i++) in.push_back(static_cast<uint32_t>(lane * 10 + i));
    }
    std::string name = std::string("mma.sync.aligned.") + l.shape + ".row.col.s32.b1.b1.s32." + (exclusive ? "xor" : "and") + ".popc ";
    auto out = run(name + list("r", 20, results) + ", " + list("r", 0, na) + ", " + list("r", int(na), nb) + ", " + list("r", int(na + nb), results) + ";", in, na + nb + results, results);
    for (int lane = 0; lane < 32; lane++)
        for (size_t i = 0; i < results; i++) {
            Place p = c_at(lane / 4, lane % 4, static_cast<int>(i));
            int want = lane * 10 + static_cast<int>(i);
            for (int k = 0; k < l.k; k++) want += exclusive ? a[p.row][k] ^ b[k][p.column] : a[p.row][k] & b[k][p.column];
            CHECK(int(out[lane * results + i]) == want, << name << "lane " << lane << " element " << i);
        }
}

void check_real(const Layout &l, const char *type, double (*value)(uint32_t), bool f16_sum) {
    std::mt19937 random(13);
    Matrix a = random_matrix(l.m, l.k, l.element_bits, random, type), b = random_matrix(l.k, 8, l.element_bits, random, type);
    size_t results = f16_sum ? 2 : 4;
    std::vector<uint32_t> in;
    size_t na = 0, nb = 0;
    auto c_value = [](Place p) { return float(p.row) / 2 - float(p.column); };
    auto half_of = [](float f) { return f == 0 ? 0u : (f < 0 ? 0x8000u : 0u) | uint32_t((std::ilogb(f) + 15) << 10) | (uint32_t(std::ldexp(std::fabs(f), 10 - std::ilogb(f))) - 1024); };
    for (int lane = 0; lane < 32; lane++) {
        auto fa = fragment(a, lane, l.a_elements, l.element_bits, l.a), fb = fragment(b, lane, l.b_elements, l.element_bits, l.b);
        na = fa.size(), nb = fb.size();
        in.insert(in.end(), fa.begin(), fa.end());
        in.insert(in.end(), fb.begin(), fb.end());
        for (int i = 0; i < 4; i += f16_sum ? 2 : 1) {
            float c0 = c_value(c16(lane / 4, lane % 4, i)), c1 = c_value(c16(lane / 4, lane % 4, i + 1));
            in.push_back(f16_sum ? half_of(c1) << 16 | half_of(c0) : std::bit_cast<uint32_t>(c0));
        }
    }
    std::string sum = f16_sum ? "f16" : "f32", c = f16_sum ? "r" : "f";
    std::string name = std::string("mma.sync.aligned.") + l.shape + ".row.col." + sum + "." + type + "." + type + "." + sum + " ";
    std::string after;
    if (!f16_sum)
        for (int i = 20; i < 24; i++) after += " mov.b32 %r" + std::to_string(i) + ", %f" + std::to_string(i) + ";";
    auto out = run(name + list(c.c_str(), 20, results) + ", " + list("r", 0, na) + ", " + list("r", int(na), nb) + ", " + list(c.c_str(), int(na + nb), results) + ";" + after, in, na + nb + results, results);
    for (int lane = 0; lane < 32; lane++)
        for (int i = 0; i < 4; i++) {
            Place p = c16(lane / 4, lane % 4, i);
            double want = c_value(p);
            for (int k = 0; k < l.k; k++) want += value(a[p.row][k]) * value(b[k][p.column]); // exact: small multiples of 1/16
            double got = f16_sum ? f16(out[lane * 2 + i / 2] >> (16 * (i % 2))) : std::bit_cast<float>(out[lane * 4 + i]);
            CHECK(f16_sum ? std::fabs(got - want) <= std::fabs(want) / 1024 : got == want, << name << "lane " << lane << " element " << i << ": " << got << " for " << want);
        }
}

} // namespace

TEST("mma on f16, bf16 and tf32 with f32 sums") {
    check_real(half_k8, "f16", f16, false);
    check_real(half_k16, "f16", f16, false);
    check_real(half_k8, "bf16", bf16, false);
    check_real(half_k16, "bf16", bf16, false);
    check_real(tf32_k4, "tf32", tf32, false);
    check_real(tf32_k8, "tf32", tf32, false);
}
TEST("mma on f16 with f16 sums") {
    check_real(half_k8, "f16", f16, true);
    check_real(half_k16, "f16", f16, true);
}
TEST("mma on bytes, signed and unsigned, wrapping and saturating") {
    for (const Layout *l : {&byte_m8, &byte_k16, &byte_k32})
        for (bool saturate : {false, true}) {
            check_whole(*l, "s8", "s8", s8, s8, saturate);
            check_whole(*l, "u8", "s8", u8, s8, saturate);
            check_whole(*l, "s8", "u8", s8, u8, saturate);
            check_whole(*l, "u8", "u8", u8, u8, saturate);
        }
}
TEST("mma on nibbles") {
    for (const Layout *l : {&nibble_m8, &nibble_k32, &nibble_k64}) {
        check_whole(*l, "s4", "s4", s4, s4, false);
        check_whole(*l, "u4", "s4", u4, s4, false);
        check_whole(*l, "s4", "u4", s4, u4, true);
        check_whole(*l, "u4", "u4", u4, u4, false);
    }
}
TEST("mma on bits counts ones of and and of xor") {
    for (const Layout *l : {&bit_m8, &bit_k128, &bit_k256}) {
        check_bits(*l, false);
        check_bits(*l, true);
    }
}

TEST("mma on f64") {
    Device device;
    std::string ptx = header() + R"(
.visible .entry k(.param .u64 in, .param .u64 out) {
    .reg .b64 %d<4>; .reg .b32 %r<4>; .reg .f64 %e<8>;
    ld.param.u64 %d0, [in]; ld.param.u64 %d1, [out]; mov.u32 %r0, %tid.x; mul.wide.u32 %d2, %r0, 32; add.u64 %d0, %d0, %d2;
    mul.wide.u32 %d2, %r0, 16; add.u64 %d1, %d1, %d2;
    ld.global.v2.f64 {%e0, %e1}, [%d0]; ld.global.v2.f64 {%e2, %e3}, [%d0+16];
    mma.sync.aligned.m8n8k4.row.col.f64.f64.f64.f64 {%e4, %e5}, {%e0}, {%e1}, {%e2, %e3};
    st.global.v2.f64 [%d1], {%e4, %e5}; ret;
})";
    double a[8][4], b[4][8];
    std::vector<double> in;
    for (int i = 0; i < 8; i++)
        for (int k = 0; k < 4; k++) a[i][k] = i + 10 * k, b[k][i] = 3 * i - k;
    for (int lane = 0; lane < 32; lane++) in.insert(in.end(), {a[lane / 4][lane % 4], b[lane % 4][lane / 4], double(lane), double(-lane)});
    CUdeviceptr pi = device.put(in), po = device.put(std::vector<double>(64));
    OK(device.launch(device.kernel(ptx), 1, 32, 0, pi, po));
    auto out = device.get<double>(po, 64);
    for (int lane = 0; lane < 32; lane++)
        for (int e = 0; e < 2; e++) {
            double want = e ? -lane : lane;
            for (int k = 0; k < 4; k++) want += a[lane / 4][k] * b[k][lane % 4 * 2 + e];
            CHECK(out[2 * lane + e] == want, << "lane " << lane);
        }
}

TEST("ldmatrix gives each lane two elements of a row, or of a column when transposed") {
    std::vector<uint32_t> in(32 * 4); // four 8x8 matrices of 16-bit elements: element = 1000 * matrix + 10 * row + column
    auto element = [](int m, int row, int column) { return uint32_t(1000 * m + 10 * row + column); };
    for (int lane = 0; lane < 32; lane++)
        for (int w = 0; w < 4; w++) in[lane * 4 + w] = element(lane / 8, lane % 8, 2 * w) | element(lane / 8, lane % 8, 2 * w + 1) << 16;
    for (bool transposed : {false, true})
        for (int count : {1, 2, 4}) {
            std::string name = "ldmatrix.sync.aligned.m8n8.x" + std::to_string(count) + (transposed ? ".trans" : "") + ".shared.b16 ";
            std::string body = "mov.u32 %r10, buffer; mad.lo.u32 %r10, %r39, 16, %r10; st.shared.v4.b32 [%r10], {%r0, %r1, %r2, %r3}; bar.sync 0;\n" + name + list("r", 20, count) + ", [%r10];";
            auto out = run(body, in, 4, count, ".shared .align 16 .b8 buffer[512];\n");
            for (int lane = 0; lane < 32; lane++)
                for (int m = 0; m < count; m++) {
                    int r = lane / 4, c = lane % 4 * 2;
                    uint32_t want = transposed ? element(m, c, r) | element(m, c + 1, r) << 16 : element(m, r, c) | element(m, r, c + 1) << 16;
                    CHECK(out[lane * count + m] == want, << name << "lane " << lane);
                }
        }
}

TEST("stmatrix is the reverse of ldmatrix, movmatrix transposes") {
    std::vector<uint32_t> in(32 * 4);
    std::mt19937 random(3);
    for (uint32_t &x : in) x = uint32_t(random());
    for (const char *how : {"", ".trans"}) {
        std::string body = std::string("mov.u32 %r10, buffer; mad.lo.u32 %r10, %r39, 16, %r10;\nstmatrix.sync.aligned.m8n8.x4") + how +
                           ".shared.b16 [%r10], {%r0, %r1, %r2, %r3}; bar.warp.sync -1;\nldmatrix.sync.aligned.m8n8.x4" + how + ".shared.b16 {%r20, %r21, %r22, %r23}, [%r10];";
        CHECK(run(body, in, 4, 4, ".shared .align 16 .b8 buffer[512];\n") == in);
    }
    auto out = run("movmatrix.sync.aligned.m8n8.trans.b16 %r20, %r0;", in, 4, 1);
    auto at = [&](int row, int column) { return in[(row * 4 + column / 2) * 4] >> (16 * (column % 2)) & 0xffff; };
    for (int lane = 0; lane < 32; lane++) CHECK(out[lane] == (at(lane % 4 * 2, lane / 4) | at(lane % 4 * 2 + 1, lane / 4) << 16));
}

int main() { return run_tests(); }
