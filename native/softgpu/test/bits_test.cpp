// Bit manipulation against the pseudo-code of the PTX ISA, one bit or byte at a time.
#include "snippet.h"

using Lane = std::array<uint64_t, 4>;

namespace {

uint32_t low(uint64_t x) { return static_cast<uint32_t>(x); }

// bfe as the ISA writes it, bit by bit
uint64_t field(uint64_t a, uint32_t b, uint32_t c, int bits, bool is_signed) {
    int msb = bits - 1, pos = b & 0xff, len = c & 0xff;
    bool sign = is_signed && len != 0 && (a >> std::min(pos + len - 1, msb) & 1);
    uint64_t d = 0;
    for (int i = 0; i <= msb; i++) d |= uint64_t(i < len && pos + i <= msb ? (a >> (pos + i) & 1) : sign) << i;
    return d;
}
uint64_t inserted(uint64_t a, uint64_t b, uint32_t c, uint32_t d, int bits) {
    int msb = bits - 1, pos = c & 0xff, len = d & 0xff;
    uint64_t f = b;
    for (int i = 0; i < len && pos + i <= msb; i++) f = (f & ~(1ull << (pos + i))) | (a >> i & 1) << (pos + i);
    return f;
}

} // namespace

TEST("bfe and bfi at every position, length and width") {
    Inputs in = mixed_inputs(64, 1, 1024);
    std::mt19937 random(5);
    for (Lane &l : in) {
        l[1] = random() % 80;
        l[2] = random() % 80;
        l[3] = random() % 80;
    }
    instruction("bfe.u32 %r8, %r0, %r1, %r2; mov.b32 %r9, 0;", "r", in, [](const Lane &l) { return field(low(l[0]), l[1], l[2], 32, false); }, same_bits);
    instruction("bfe.s32 %r8, %r0, %r1, %r2; mov.b32 %r9, 0;", "r", in, [](const Lane &l) { return field(low(l[0]), l[1], l[2], 32, true); }, same_bits);
    instruction("bfe.u64 %d8, %d0, %r1, %r2; mov.b64 %d9, 0;", "d", in, [](const Lane &l) { return field(l[0], l[1], l[2], 64, false); }, same_bits);
    instruction("bfe.s64 %d8, %d0, %r1, %r2; mov.b64 %d9, 0;", "d", in, [](const Lane &l) { return field(l[0], l[1], l[2], 64, true); }, same_bits);
    std::string base = "not.b64 %d5, %d0; cvt.u32.u64 %r5, %d5; ";
    instruction(base + "bfi.b32 %r8, %r0, %r5, %r2, %r3; mov.b32 %r9, 0;", "r", in,
                [](const Lane &l) { return inserted(low(l[0]), low(~l[0]), l[2], l[3], 32); }, same_bits);
    instruction(base + "bfi.b64 %d8, %d0, %d5, %r2, %r3; mov.b64 %d9, 0;", "d", in,
                [](const Lane &l) { return inserted(l[0], ~l[0], l[2], l[3], 64); }, same_bits);
}

TEST("popc, clz, brev, bfind") {
    Inputs in = mixed_inputs(64, 2);
    auto ones = [](uint64_t x) {
        uint64_t n = 0;
        for (; x; x >>= 1) n += x & 1;
        return n;
    };
    auto leading = [](uint64_t x, int bits) {
        uint64_t n = 0;
        for (int i = bits - 1; i >= 0 && !(x >> i & 1); i--) n++;
        return n;
    };
    auto find = [](uint64_t x, int bits, bool is_signed) -> uint64_t {
        if (is_signed && (x >> (bits - 1) & 1)) x = ~x;
        for (int i = bits - 1; i >= 0; i--)
            if (x >> i & 1) return static_cast<uint64_t>(i);
        return 0xffffffff;
    };
    instruction("popc.b32 %r8, %r0; mov.b32 %r9, 0;", "r", in, [&](const Lane &l) { return ones(low(l[0])); }, same_bits);
    instruction("popc.b64 %r8, %d0; mov.b32 %r9, 0;", "r", in, [&](const Lane &l) { return ones(l[0]); }, same_bits);
    instruction("clz.b32 %r8, %r0; mov.b32 %r9, 0;", "r", in, [&](const Lane &l) { return leading(low(l[0]), 32); }, same_bits);
    instruction("clz.b64 %r8, %d0; mov.b32 %r9, 0;", "r", in, [&](const Lane &l) { return leading(l[0], 64); }, same_bits);
    instruction("bfind.u32 %r8, %r0; mov.b32 %r9, 0;", "r", in, [&](const Lane &l) { return find(low(l[0]), 32, false); }, same_bits);
    instruction("bfind.s64 %r8, %d0; mov.b32 %r9, 0;", "r", in, [&](const Lane &l) { return find(l[0], 64, true); }, same_bits);
    instruction("bfind.shiftamt.s32 %r8, %r0; mov.b32 %r9, 0;", "r", in, [&](const Lane &l) {
        uint64_t p = find(low(l[0]), 32, true);
        return p == 0xffffffff ? p : 31 - p;
    }, same_bits);
    instruction("brev.b32 %r8, %r0; mov.b32 %r9, 0;", "r", in, [](const Lane &l) {
        uint64_t d = 0;
        for (int i = 0; i < 32; i++) d |= (l[0] >> i & 1) << (31 - i);
        return d;
    }, same_bits);
}

TEST("lop3 with all 256 tables") {
    Inputs in = mixed_inputs(32, 3, 32);
    for (int table = 0; table < 256; table++)
        instruction("lop3.b32 %r8, %r0, %r1, %r2, " + std::to_string(table) + "; mov.b32 %r9, 0;", "r", in, [&](const Lane &l) {
            uint64_t d = 0;
            for (int i = 0; i < 32; i++) {
                int index = static_cast<int>((l[0] >> i & 1) << 2 | (l[1] >> i & 1) << 1 | (l[2] >> i & 1));
                d |= uint64_t(table >> index & 1) << i;
            }
            return d;
        }, same_bits);
}

TEST("prmt in every mode") {
    Inputs in = mixed_inputs(32, 4);
    struct Mode {
        const char *name;
        int picks[4][4]; // for c = 0 … 3: bytes for result bytes 0 … 3 (ISA table, read from the right)
    };
    const Mode modes[] = {{".f4e", {{0, 1, 2, 3}, {1, 2, 3, 4}, {2, 3, 4, 5}, {3, 4, 5, 6}}},
                          {".b4e", {{0, 7, 6, 5}, {1, 0, 7, 6}, {2, 1, 0, 7}, {3, 2, 1, 0}}},
                          {".rc8", {{0, 0, 0, 0}, {1, 1, 1, 1}, {2, 2, 2, 2}, {3, 3, 3, 3}}},
                          {".ecl", {{0, 1, 2, 3}, {1, 1, 2, 3}, {2, 2, 2, 3}, {3, 3, 3, 3}}},
                          {".ecr", {{0, 0, 0, 0}, {0, 1, 1, 1}, {0, 1, 2, 2}, {0, 1, 2, 3}}},
                          {".rc16", {{0, 1, 0, 1}, {2, 3, 2, 3}, {0, 1, 0, 1}, {2, 3, 2, 3}}}};
    auto byte = [](const Lane &l, int i) { return (i < 4 ? l[0] >> (8 * i) : l[1] >> (8 * (i - 4))) & 0xff; };
    for (const Mode &mode : modes)
        instruction(std::string("prmt.b32") + mode.name + " %r8, %r0, %r1, %r2; mov.b32 %r9, 0;", "r", in, [&](const Lane &l) {
            uint64_t d = 0;
            for (int i = 0; i < 4; i++) d |= byte(l, mode.picks[l[2] & 3][i]) << (8 * i);
            return d;
        }, same_bits);
    instruction("prmt.b32 %r8, %r0, %r1, %r2; mov.b32 %r9, 0;", "r", in, [&](const Lane &l) {
        uint64_t d = 0;
        for (int i = 0; i < 4; i++) {
            int select = l[2] >> (4 * i) & 15;
            uint64_t b = byte(l, select & 7);
            d |= (select & 8 ? (b & 0x80 ? 0xff : 0) : b) << (8 * i);
        }
        return d;
    }, same_bits);
}

TEST("shf shifts a pair of words, wrapping or clamping") {
    Inputs in = mixed_inputs(32, 6);
    for (size_t i = 0; i < in.size(); i++) in[i][2] = i % 3 ? i % 70 : in[i][2];
    struct Form {
        const char *name;
        bool left, wrap;
    };
    for (Form f : {Form{"l.wrap", true, true}, {"l.clamp", true, false}, {"r.wrap", false, true}, {"r.clamp", false, false}})
        instruction(std::string("shf.") + f.name + ".b32 %r8, %r0, %r1, %r2; mov.b32 %r9, 0;", "r", in, [&](const Lane &l) {
            uint64_t n = f.wrap ? l[2] & 31 : std::min<uint64_t>(l[2], 32), a = l[0], b = l[1];
            if (f.left) return uint64_t(low(n == 0 ? b : n == 32 ? a : b << n | a >> (32 - n)));
            return uint64_t(low(n == 0 ? a : n == 32 ? b : b << (32 - n) | a >> n));
        }, same_bits);
}

TEST("dp4a, dp2a, bmsk") {
    Inputs in = mixed_inputs(32, 7);
    for (bool sa : {false, true})
        for (bool sb : {false, true}) {
            auto value = [](uint64_t x, int i, int bits, bool s) -> int64_t {
                uint64_t e = x >> (bits * i) & ((1ull << bits) - 1);
                return s && (e >> (bits - 1)) ? int64_t(e) - (1 << bits) : int64_t(e);
            };
            std::string types = std::string(sa ? ".s32" : ".u32") + (sb ? ".s32" : ".u32");
            instruction("dp4a" + types + " %r8, %r0, %r1, %r2; mov.b32 %r9, 0;", "r", in, [&](const Lane &l) {
                int64_t sum = int64_t(l[2]);
                for (int i = 0; i < 4; i++) sum += value(l[0], i, 8, sa) * value(l[1], i, 8, sb);
                return uint64_t(low(uint64_t(sum)));
            }, same_bits);
            for (int half = 0; half < 2; half++)
                instruction(std::string("dp2a.") + (half ? "hi" : "lo") + types + " %r8, %r0, %r1, %r2; mov.b32 %r9, 0;", "r", in, [&](const Lane &l) {
                    int64_t sum = int64_t(l[2]);
                    for (int i = 0; i < 2; i++) sum += value(l[0], i, 16, sa) * value(l[1], i + 2 * half, 8, sb);
                    return uint64_t(low(uint64_t(sum)));
                }, same_bits);
        }
    for (size_t i = 0; i < in.size(); i++) in[i][0] = i % 40, in[i][1] = i / 7 % 40;
    instruction("bmsk.clamp.b32 %r8, %r0, %r1; mov.b32 %r9, 0;", "r", in, [](const Lane &l) {
        uint64_t d = 0;
        for (uint64_t i = l[0]; i < std::min<uint64_t>(l[0] + l[1], 32); i++) d |= 1ull << i;
        return d;
    }, same_bits);
}

TEST("lop3 with a predicate, logic on predicates") {
    Inputs in = mixed_inputs(32, 8);
    std::string body = "setp.ne.u32 %p1, %r3, 0; lop3.or.b32 %r8|%p2, %r0, %r1, %r2, 0x80, %p1; selp.u32 %r9, 1, 0, %p2;";
    Outputs out = run_snippet(body, "r", in);
    for (size_t i = 0; i < in.size(); i++) {
        uint64_t d = in[i][0] & in[i][1] & in[i][2];
        CHECK(out[i][0] == d && out[i][1] == uint64_t(d != 0 || in[i][3] != 0), << "lane " << i);
    }
    body = "setp.lt.u32 %p1, %r0, %r1; setp.lt.u32 %p2, %r2, %r3; and.pred %p3, %p1, %p2; or.pred %p4, %p1, %p2; xor.pred %p5, %p3, %p4; "
           "not.pred %p8, %p5; mov.pred %p9, %p4;";
    out = run_snippet(body, "p", in);
    for (size_t i = 0; i < in.size(); i++) {
        bool p = in[i][0] < in[i][1], q = in[i][2] < in[i][3];
        CHECK(out[i][0] == uint64_t(!((p && q) != (p || q))) && out[i][1] == uint64_t(p || q), << "lane " << i);
    }
}

int main() { return run_tests(); }
