// Exchanges between lanes: shfl, vote, match, redux, activemask, also under divergence.
#include "snippet.h"

using Lane = std::array<uint64_t, 4>;

namespace {

Inputs lanes(uint64_t seed) {
    std::mt19937_64 random(seed);
    Inputs in(32);
    for (auto &l : in) l = {random() & 0xffffffff, random() % 40, (random() % 4) << 11 | random() % 32, random() % 5};
    return in;
}

// The pseudo-code of the ISA.
struct Shuffled {
    int lane;
    bool p;
};
Shuffled shuffled(const std::string &mode, int lane, uint64_t b, uint64_t c) {
    int bval = b & 31, cval = c & 31, mask = c >> 8 & 31;
    int max_lane = (lane & mask) | (cval & ~mask & 31), min_lane = lane & mask, j;
    bool p;
    if (mode == "up") j = lane - bval, p = j >= max_lane;
    else if (mode == "down") j = lane + bval, p = j <= max_lane;
    else if (mode == "bfly") j = lane ^ bval, p = j <= max_lane;
    else j = min_lane | (bval & ~mask & 31), p = j <= max_lane;
    return {p ? j : lane, p};
}

} // namespace

TEST("shfl.sync in all four modes, with segments and clamps") {
    for (uint64_t seed = 0; seed < 8; seed++) {
        Inputs in = lanes(seed);
        for (const char *mode : {"up", "down", "bfly", "idx"}) {
            Outputs out = run_snippet(std::string("shfl.sync.") + mode + ".b32 %r8|%p1, %r0, %r1, %r2, 0xffffffff; selp.u32 %r9, 1, 0, %p1;", "r", in);
            for (int i = 0; i < 32; i++) {
                Shuffled s = shuffled(mode, i, in[i][1], in[i][2]);
                CHECK(out[i][0] == in[s.lane][0] && out[i][1] == uint64_t(s.p), << mode << " lane " << i);
            }
        }
    }
}

TEST("vote and match over all lanes") {
    Inputs in = lanes(20);
    uint32_t ballot = 0;
    for (int i = 0; i < 32; i++) ballot |= uint32_t(in[i][3] == 2) << i;
    Outputs out = run_snippet("setp.eq.u32 %p1, %r3, 2; vote.sync.ballot.b32 %r8, %p1, 0xffffffff; vote.sync.any.pred %p2, %p1, -1; selp.u32 %r9, 1, 0, %p2;", "r", in);
    for (int i = 0; i < 32; i++) CHECK(out[i][0] == ballot && out[i][1] == uint64_t(ballot != 0));
    out = run_snippet("setp.lt.u32 %p1, %r3, 5; vote.sync.all.pred %p8, %p1, -1; setp.eq.u32 %p2, %r3, 2; vote.sync.uni.pred %p9, %p2, -1;", "p", in);
    for (int i = 0; i < 32; i++) CHECK(out[i][0] == 1 && out[i][1] == uint64_t(ballot == 0 || ballot == 0xffffffff));
    out = run_snippet("match.any.sync.b32 %r8, %r3, -1; mov.u32 %r4, 7; match.all.sync.b32 %r9|%p1, %r4, -1;", "r", in);
    for (int i = 0; i < 32; i++) {
        uint32_t same = 0;
        for (int j = 0; j < 32; j++) same |= uint32_t(in[j][3] == in[i][3]) << j;
        CHECK(out[i][0] == same && out[i][1] == 0xffffffff);
    }
}

TEST("redux over all lanes") {
    Inputs in = lanes(21);
    uint32_t sum = 0, low = ~0u, all = ~0u, any = 0, odd = 0;
    int32_t high = INT32_MIN;
    for (auto &l : in) {
        uint32_t x = uint32_t(l[0]);
        sum += x, low = std::min(low, x), high = std::max(high, int32_t(x)), all &= x, any |= x, odd ^= x;
    }
    Outputs out = run_snippet("redux.sync.add.s32 %r8, %r0, -1; redux.sync.min.u32 %r9, %r0, -1;", "r", in);
    CHECK(out[5][0] == sum && out[5][1] == low);
    out = run_snippet("redux.sync.max.s32 %r8, %r0, -1; redux.sync.and.b32 %r9, %r0, -1;", "r", in);
    CHECK(out[31][0] == uint32_t(high) && out[31][1] == all);
    out = run_snippet("redux.sync.or.b32 %r8, %r0, -1; redux.sync.xor.b32 %r9, %r0, -1;", "r", in);
    CHECK(out[0][0] == any && out[0][1] == odd);
}

TEST("exchanges inside a branch involve the lanes of the branch") {
    Inputs in = lanes(22);
    std::string body = "mov.u32 %r4, %laneid; setp.lt.u32 %p1, %r4, 12; @%p1 bra LOW;\n"
                       "activemask.b32 %r8; shfl.sync.idx.b32 %r9, %r0, 12, 0x1f, 0xfffff000; bra.uni DONE;\n"
                       "LOW: activemask.b32 %r8; redux.sync.add.s32 %r9, %r0, 0xfff;\nDONE:";
    Outputs out = run_snippet(body, "r", in);
    uint32_t sum = 0;
    for (int i = 0; i < 12; i++) sum += uint32_t(in[i][0]);
    for (int i = 0; i < 32; i++) {
        CHECK(out[i][0] == (i < 12 ? 0xfffu : 0xfffff000u), << "lane " << i);
        CHECK(out[i][1] == (i < 12 ? sum : in[12][0]), << "lane " << i);
    }
}

TEST("bar.warp.sync brings together lanes that arrive in different places") {
    std::string body = "mov.u32 %r4, %laneid; and.b32 %r5, %r4, 1; setp.eq.u32 %p1, %r5, 0; mov.u32 %r8, 0; mov.u32 %r9, 0; @%p1 bra EVEN;\n"
                       "add.u32 %r8, %r4, 1; bar.warp.sync -1; bra.uni DONE;\nEVEN: add.u32 %r8, %r4, 2; bar.warp.sync -1;\n"
                       "DONE: activemask.b32 %r9;";
    Outputs out = run_snippet(body, "r", lanes(23));
    for (int i = 0; i < 32; i++) CHECK(out[i][0] == uint64_t(i + (i % 2 ? 1 : 2)) && out[i][1] == 0xffffffff, << "lane " << i);
}

TEST("lanes that left the kernel are not waited for") {
    std::string body = "mov.u32 %r4, %laneid; setp.ge.u32 %p1, %r4, 20; @%p1 exit;\nvote.sync.ballot.b32 %r8, 1, -1; redux.sync.add.u32 %r9, 1, -1;";
    Outputs out = run_snippet(body, "r", lanes(24));
    CHECK(out[3][0] == 0xfffff && out[3][1] == 20);
}

int main() { return run_tests(); }
