#include "thread_pool.hpp"

#include <chrono>
#include <new>

#if defined(__linux__)
#include <sched.h>
#endif

namespace leanspike {
namespace {

// A layer's operations follow each other within microseconds, forward passes within tens of them, and a sleeping thread takes as long to wake:
// look a while before sleeping.
constexpr std::chrono::microseconds PATIENCE(200);
constexpr int PAUSES = 16; // between looks at the clock

// state_: the number of workers, the flag, the number of operations.
constexpr uint64_t OPEN = uint64_t{1} << 32;
constexpr uint64_t OPERATION = OPEN << 1;
constexpr uint64_t WORKERS = OPEN - 1;

void pause() {
#if defined(__x86_64__) || defined(__i386__)
    __builtin_ia32_pause();
#elif defined(__aarch64__)
    __asm__ __volatile__("yield");
#endif
}

// Processors that this process may use.
unsigned processors() {
#if defined(__linux__)
    cpu_set_t allowed;
    if (sched_getaffinity(0, sizeof allowed, &allowed) == 0) return static_cast<unsigned>(CPU_COUNT(&allowed));
#endif
    return std::thread::hardware_concurrency();
}

// The processor that the calling thread is on; -1 where the system does not tell.
int processor() {
#if defined(__linux__)
    return sched_getcpu();
#else
    return -1;
#endif
}

} // namespace

Scratch::Scratch(Scratch &&other) noexcept : data_(other.data_), bytes_(other.bytes_) {
    other.data_ = nullptr;
    other.bytes_ = 0;
}

Scratch::~Scratch() { ::operator delete(data_, std::align_val_t{64}); }

void Scratch::reserve(int64_t bytes) {
    if (bytes <= bytes_) return;
    ::operator delete(data_, std::align_val_t{64});
    data_ = nullptr;
    bytes_ = 0;
    data_ = static_cast<unsigned char *>(::operator new(static_cast<size_t>(bytes), std::align_val_t{64}));
    bytes_ = bytes;
}

ThreadPool::ThreadPool(int threads) : scratch_(static_cast<size_t>(threads)), spins_(static_cast<unsigned>(threads) <= processors()) {
    workers_.reserve(static_cast<size_t>(threads) - 1);
    try {
        for (int worker = 1; worker < threads; ++worker) workers_.emplace_back([this, worker] { serve(worker); });
    } catch (...) {
        stop();
        throw;
    }
}

ThreadPool::~ThreadPool() { stop(); }

void ThreadPool::stop() {
    {
        const std::lock_guard<std::mutex> lock(sleep_);
        stopping_ = true;
    }
    started_.notify_all();
    for (std::thread &worker : workers_) worker.join();
    workers_.clear();
}

// False where sleeping is better: after some time, and where the other is kept waiting by who waits for it.
template <class Condition>
bool ThreadPool::spin_until(const Condition &condition, const std::atomic<int> &other) const {
    if (!spins_) return condition();
    const auto end = std::chrono::steady_clock::now() + PATIENCE;
    do {
        for (int i = 0; i < PAUSES; ++i) {
            if (condition()) return true;
            pause();
        }
        const int here = processor();
        if (here >= 0 && here == other.load(std::memory_order_relaxed)) return false;
    } while (std::chrono::steady_clock::now() < end);
    return false;
}

void ThreadPool::take_items(int worker) {
    unsigned char *scratch = scratch_[static_cast<size_t>(worker)].data();
    for (int64_t item; (item = next_item_.fetch_add(1, std::memory_order_relaxed)) < items_;) (*work_)(item, scratch);
}

void ThreadPool::run(int64_t items, int64_t scratch_bytes, const Work &work) {
    const std::lock_guard<std::mutex> turn(turn_);
    const bool alone = workers_.empty() || items <= 1;
    // Memory is found here, on the caller's thread, so that a worker has nothing to fail at.
    for (size_t i = 0; i < (alone ? 1 : scratch_.size()); ++i) scratch_[i].reserve(scratch_bytes);
    work_ = &work;
    items_ = items;
    next_item_.store(0, std::memory_order_relaxed);
    if (alone) {
        take_items(0);
        return;
    }
    caller_at_.store(processor(), std::memory_order_relaxed);
    state_.store((state_.load(std::memory_order_relaxed) / OPERATION + 1) * OPERATION | OPEN);
    if (workers_sleep_.load()) {
        {
            const std::lock_guard<std::mutex> lock(sleep_);
            workers_sleep_ = false;
        }
        started_.notify_all();
    }
    take_items(0);
    if ((state_.fetch_and(~OPEN) & WORKERS) != 0) wait_for_workers();
}

void ThreadPool::wait_for_workers() {
    const auto done = [this] { return (state_.load() & WORKERS) == 0; };
    if (spin_until(done, worker_at_)) return;
    std::unique_lock<std::mutex> lock(sleep_);
    caller_sleeps_ = true;
    finished_.wait(lock, done);
    caller_sleeps_ = false;
}

void ThreadPool::leave() {
    if (((state_.fetch_sub(1) - 1) & WORKERS) != 0 || !caller_sleeps_.load()) return;
    { const std::lock_guard<std::mutex> lock(sleep_); } // the caller sleeps by now
    finished_.notify_one();
}

void ThreadPool::serve(int worker) {
    uint64_t seen = 0;
    const auto called = [this, &seen] { return state_.load() / OPERATION != seen || stopping_.load(); };
    for (;;) {
        if (!spin_until(called, caller_at_)) {
            std::unique_lock<std::mutex> lock(sleep_);
            started_.wait(lock, [&] {
                workers_sleep_ = true;
                return called();
            });
        }
        if (stopping_) return;
        uint64_t state = state_.load();
        bool joined = false;
        while ((state & OPEN) != 0 && !joined) joined = state_.compare_exchange_weak(state, state + 1);
        seen = state / OPERATION;
        if (!joined) continue;
        worker_at_.store(processor(), std::memory_order_relaxed);
        take_items(worker);
        leave();
    }
}

} // namespace leanspike
