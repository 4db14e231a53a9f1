// Times the loops: all threads start together, each repeats its loop until the time is over, and their rates add up.
#include "roofs.h"

#include <atomic>
#include <chrono>
#include <cstring>
#include <memory>
#include <new>
#include <thread>
#include <vector>

#include "loops.hpp"

namespace {

using Clock = std::chrono::steady_clock;
constexpr int64_t REPETITIONS = 20000; // between two looks at the clock
constexpr size_t COPY_BYTES = size_t{128} << 20; // of a thread, read and written

const roofs::Loops *find(int32_t instructions) {
    switch (instructions) {
    case ROOF_PORTABLE: return &roofs::portable_loops;
#if defined(__x86_64__)
    case ROOF_AVX2: return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma") ? &roofs::avx2_loops : nullptr;
    case ROOF_AVX_VNNI: return __builtin_cpu_supports("avxvnni") && __builtin_cpu_supports("fma") ? &roofs::avx_vnni_loops : nullptr;
    case ROOF_AVX512: return __builtin_cpu_supports("avx512bw") ? &roofs::avx512_loops : nullptr;
    case ROOF_AVX512_VPOPCNTDQ_VNNI:
        return __builtin_cpu_supports("avx512bw") && __builtin_cpu_supports("avx512vpopcntdq") && __builtin_cpu_supports("avx512vnni")
                   ? &roofs::avx512_vpopcntdq_vnni_loops
                   : nullptr;
#endif
    default: return nullptr;
    }
}

// Work a second of `step`, which returns the work it did, on the calling thread.
template <class Step>
double rate(double seconds, const Step &step) {
    double work = 0, elapsed = 0;
    const auto start = Clock::now();
    do {
        work += step();
        elapsed = std::chrono::duration<double>(Clock::now() - start).count();
    } while (elapsed < seconds);
    return work / elapsed;
}

// The sum over threads of the rate of make(), a step of each thread's own, once before the clock starts and then for a time.
template <class Make>
double together(int32_t threads, double seconds, const Make &make) {
    std::atomic<int32_t> ready{0};
    std::vector<double> rates(static_cast<size_t>(threads));
    const auto run = [&](size_t thread) {
        auto step = make();
        step();
        ++ready;
        while (ready.load() < threads) {}
        rates[thread] = rate(seconds, step);
    };
    std::vector<std::thread> others;
    for (size_t thread = 1; thread < rates.size(); ++thread) others.emplace_back(run, thread);
    run(0);
    for (std::thread &other : others) other.join();
    double sum = 0;
    for (const double each : rates) sum += each;
    return sum;
}

std::atomic<uint64_t> results; // what the loops computed: somebody might look

double measure_loop(const roofs::Measured &loop, int32_t threads, double seconds) {
    return together(threads, seconds, [&] {
        return [&] {
            results += loop.run(REPETITIONS);
            return loop.work * REPETITIONS;
        };
    });
}

double measure_copy(int32_t threads, double seconds) {
    std::vector<std::unique_ptr<char[]>> blocks;
    for (int32_t i = 0; i < 2 * threads; ++i) {
        blocks.emplace_back(new (std::nothrow) char[COPY_BYTES]);
        if (!blocks.back()) return -1;
        std::memset(blocks.back().get(), i, COPY_BYTES);
    }
    std::atomic<size_t> next{0};
    return together(threads, seconds, [&] {
        const size_t own = 2 * next++;
        return [&blocks, own] {
            std::memcpy(blocks[own].get(), blocks[own + 1].get(), COPY_BYTES);
            results += static_cast<uint64_t>(blocks[own][COPY_BYTES / 2]);
            return static_cast<double>(COPY_BYTES);
        };
    });
}

} // namespace

extern "C" int32_t roof_supported(int32_t instructions) { return find(instructions) != nullptr; }

extern "C" double roof_measure(int32_t roof, int32_t instructions, int32_t threads, double seconds) {
    const roofs::Loops *loops = find(instructions);
    if (loops == nullptr || threads < 1 || threads > 1024 || !(seconds > 0)) return -1;
    switch (roof) {
    case ROOF_POPCOUNT: return measure_loop(loops->popcount, threads, seconds) * 1e-9;
    case ROOF_BYTE_DOT: return measure_loop(loops->byte_dot, threads, seconds) * 1e-9;
    case ROOF_FLOAT_FMA: return measure_loop(loops->float_fma, threads, seconds) * 1e-9;
    case ROOF_COPY: return measure_copy(threads, seconds) * 1e-9;
    default: return -1;
    }
}
