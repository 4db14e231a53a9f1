// Control flow: whatever way lanes part, each computes what it would alone, and they meet again where the flow joins.
#include "snippet.h"

using Lane = std::array<uint64_t, 4>;

namespace {

Inputs small(uint64_t seed) {
    std::mt19937_64 random(seed);
    Inputs in(128);
    for (auto &l : in) l = {random() % 17, random() % 5, random() % 1000, random() % 3};
    return in;
}

} // namespace

TEST("loops with different trip counts, nested") {
    std::string body = R"(
        mov.u32 %r8, 0; mov.u32 %r4, 0;
    OUTER: setp.ge.u32 %p1, %r4, %r0; @%p1 bra END;
        mov.u32 %r5, 0;
    INNER: setp.ge.u32 %p2, %r5, %r1; @%p2 bra NEXT;
        mad.lo.u32 %r8, %r8, 3, %r5; add.u32 %r5, %r5, 1; bra.uni INNER;
    NEXT: add.u32 %r8, %r8, %r4; add.u32 %r4, %r4, 1; bra.uni OUTER;
    END: activemask.b32 %r9;)";
    Inputs in = small(1);
    Outputs out = run_snippet(body, "r", in);
    for (size_t i = 0; i < in.size(); i++) {
        uint32_t x = 0;
        for (uint32_t a = 0; a < in[i][0]; a++) {
            for (uint32_t b = 0; b < in[i][1]; b++) x = x * 3 + b;
            x += a;
        }
        CHECK(out[i][0] == x, << "lane " << i);
        CHECK(out[i][1] == 0xffffffff, << "lane " << i << " does not meet the others after the loop");
    }
}

TEST("break and continue, blocks laid out in an unhelpful order") {
    std::string body = R"(
        mov.u32 %r8, 0; mov.u32 %r4, 0; bra.uni HEAD;
    TAIL: activemask.b32 %r9; bra.uni DONE;
    EVEN: add.u32 %r8, %r8, 100; bra.uni STEP;
    STEP: add.u32 %r4, %r4, 1; bra.uni HEAD;
    HEAD: setp.gt.u32 %p1, %r4, 20; @%p1 bra TAIL;
        setp.eq.u32 %p2, %r4, %r0; @%p2 bra TAIL;
        and.b32 %r5, %r4, 1; setp.eq.u32 %p3, %r5, 0; @%p3 bra EVEN;
        add.u32 %r8, %r8, 1; bra.uni STEP;
    DONE:)";
    Inputs in = small(2);
    Outputs out = run_snippet(body, "r", in);
    for (size_t i = 0; i < in.size(); i++) {
        uint32_t x = 0;
        for (uint32_t a = 0; a <= 20 && a != in[i][0]; a++) x += a % 2 ? 1 : 100;
        CHECK(out[i][0] == x && out[i][1] == 0xffffffff, << "lane " << i << " " << out[i][0] << " " << out[i][1]);
    }
}

TEST("a jump into the middle of a loop (irreducible flow)") {
    std::string body = R"(
        mov.u32 %r8, 0; mov.u32 %r4, %r0; and.b32 %r5, %r2, 1; setp.eq.u32 %p1, %r5, 0; @%p1 bra B;
    A: add.u32 %r8, %r8, 1;
    B: add.u32 %r8, %r8, 10; setp.eq.u32 %p2, %r4, 0; @%p2 bra END; sub.u32 %r4, %r4, 1; bra.uni A;
    END: activemask.b32 %r9;)";
    Inputs in = small(3);
    Outputs out = run_snippet(body, "r", in);
    for (size_t i = 0; i < in.size(); i++)
        CHECK(out[i][0] == (in[i][2] % 2 ? 1 : 0) + 10 + in[i][0] * 11 && out[i][1] == 0xffffffff, << "lane " << i);
}

TEST("brx.idx is a switch") {
    std::string body = R"(
        mov.u32 %r8, 0;
    TABLE: .branchtargets L0, L1, L2;
        brx.idx %r3, TABLE;
    L0: add.u32 %r8, %r8, 5; bra.uni DONE;
    L1: add.u32 %r8, %r8, 70;
    L2: add.u32 %r8, %r8, 900;
    DONE: activemask.b32 %r9;)";
    Inputs in = small(4);
    Outputs out = run_snippet(body, "r", in);
    uint64_t want[] = {5, 970, 900};
    for (size_t i = 0; i < in.size(); i++) CHECK(out[i][0] == want[in[i][3]] && out[i][1] == 0xffffffff, << "lane " << i);
}

TEST("early return of some lanes, guarded instructions") {
    Device device;
    std::string ptx = header() + R"(
.visible .entry k(.param .u64 out) {
    .reg .b64 %d<4>; .reg .b32 %r<6>; .reg .pred %p<4>;
    ld.param.u64 %d0, [out]; mov.u32 %r0, %tid.x; mul.wide.u32 %d1, %r0, 4; add.u64 %d0, %d0, %d1;
    setp.lt.u32 %p0, %r0, 10; @%p0 ret;
    setp.gt.u32 %p1, %r0, 20; mov.u32 %r1, 1; @%p1 mov.u32 %r1, 2; @!%p1 add.u32 %r1, %r1, 10;
    st.global.u32 [%d0], %r1;
})";
    CUdeviceptr out = device.put(std::vector<uint32_t>(40, 77));
    OK(device.launch(device.kernel(ptx), 1, 40, 0, out));
    auto got = device.get<uint32_t>(out, 40);
    for (uint32_t i = 0; i < 40; i++) CHECK(got[i] == (i < 10 ? 77u : i > 20 ? 2u : 11u), << i);
}

TEST("calls of functions with parameters, results, recursion and function pointers") {
    Device device;
    std::string ptx = header() + R"(
.func (.param .b32 r) fact(.param .b32 n) {
    .reg .b32 %r<6>; .reg .pred %p;
    ld.param.u32 %r0, [n]; mov.u32 %r1, 1; setp.le.u32 %p, %r0, 1; @%p bra OUT;
    sub.u32 %r2, %r0, 1;
    { .param .b32 a; st.param.b32 [a], %r2; .param .b32 v; call.uni (v), fact, (a); ld.param.b32 %r3, [v]; }
    mul.lo.u32 %r1, %r0, %r3;
OUT: st.param.b32 [r], %r1; ret;
}
.func (.param .b32 r) twice(.param .b32 n) { .reg .b32 %r<2>; ld.param.u32 %r0, [n]; shl.b32 %r0, %r0, 1; st.param.b32 [r], %r0; ret; }
.visible .entry k(.param .u64 out) {
    .reg .b64 %d<6>; .reg .b32 %r<8>; .reg .pred %p<4>;
    ld.param.u64 %d0, [out]; mov.u32 %r0, %tid.x; mul.wide.u32 %d1, %r0, 4; add.u64 %d0, %d0, %d1;
    rem.u32 %r1, %r0, 7;
    { .param .b32 a; st.param.b32 [a], %r1; .param .b32 v; call (v), fact, (a); ld.param.b32 %r2, [v]; }
    mov.u64 %d2, fact; mov.u64 %d3, twice; and.b32 %r4, %r0, 1; setp.eq.u32 %p0, %r4, 0; selp.b64 %d4, %d2, %d3, %p0;
    { .param .b32 a; st.param.b32 [a], %r1; .param .b32 v; prototype_0 : .callprototype (.param .b32 _) _ (.param .b32 _);
      call (v), %d4, (a), prototype_0; ld.param.b32 %r3, [v]; }
    add.u32 %r2, %r2, %r3; st.global.u32 [%d0], %r2; ret;
})";
    CUdeviceptr out = device.put(std::vector<uint32_t>(64, 0));
    OK(device.launch(device.kernel(ptx), 1, 64, 0, out));
    auto got = device.get<uint32_t>(out, 64);
    auto factorial = [](uint32_t n) {
        uint32_t x = 1;
        for (uint32_t i = 2; i <= n; i++) x *= i;
        return x;
    };
    for (uint32_t i = 0; i < 64; i++) CHECK(got[i] == factorial(i % 7) + (i % 2 ? 2 * (i % 7) : factorial(i % 7)), << i << " " << got[i]);
}

TEST("a lane that holds a lock gets its turn while others spin") {
    Device device;
    std::string ptx = header() + R"(
.global .u32 lock; .global .u32 total;
.visible .entry k(.param .u64 out) {
    .reg .b64 %d<6>; .reg .b32 %r<8>; .reg .pred %p<4>;
    mov.u64 %d1, lock; mov.u64 %d2, total; ld.param.u64 %d0, [out];
SPIN: atom.global.cas.b32 %r0, [%d1], 0, 1; setp.ne.u32 %p0, %r0, 0; @%p0 bra SPIN;
    ld.volatile.global.u32 %r1, [%d2]; add.u32 %r1, %r1, 1; st.volatile.global.u32 [%d2], %r1; membar.gl; atom.global.exch.b32 %r2, [%d1], 0;
    st.global.u32 [%d0], %r1; ret;
})";
    CUdeviceptr out = device.put(std::vector<uint32_t>(1, 0));
    CUmodule module = device.load(ptx);
    CUfunction kernel;
    OK(cuModuleGetFunction(&kernel, module, "k"));
    OK(device.launch(kernel, 1, 32, 0, out));
    CUdeviceptr total;
    OK(cuModuleGetGlobal_v2(&total, nullptr, module, "total"));
    CHECK(device.get<uint32_t>(total, 1)[0] == 32);
}

int main() { return run_tests(); }
