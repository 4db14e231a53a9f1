#include "thread_pool.hpp"

#include <new>

namespace leanspike {
namespace {

// A layer's operations follow each other within microseconds, a sleeping thread wakes in tens of them: look a while before sleeping.
constexpr int SPINS = 2000;

void pause() {
#if defined(__x86_64__) || defined(__i386__)
    __builtin_ia32_pause();
#elif defined(__aarch64__)
    __asm__ __volatile__("yield");
#endif
}

template <class Condition>
bool spin_until(const Condition &condition) {
    for (int i = 0; i < SPINS; ++i) {
        if (condition()) return true;
        pause();
    }
    return false;
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

ThreadPool::ThreadPool(int threads) : scratch_(static_cast<size_t>(threads)) {
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
        const std::lock_guard<std::mutex> lock(state_);
        stopping_ = true;
    }
    started_.notify_all();
    for (std::thread &worker : workers_) worker.join();
    workers_.clear();
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
    {
        const std::lock_guard<std::mutex> lock(state_);
        open_ = true;
        operation_.fetch_add(1, std::memory_order_release);
    }
    started_.notify_all();
    take_items(0);
    {
        const std::lock_guard<std::mutex> lock(state_);
        open_ = false;
    }
    const auto done = [this] { return joined_.load(std::memory_order_acquire) == 0; };
    if (!spin_until(done)) {
        std::unique_lock<std::mutex> lock(state_);
        finished_.wait(lock, done);
    }
}

void ThreadPool::serve(int worker) {
    uint64_t seen = 0;
    const auto called = [this, &seen] { return operation_.load(std::memory_order_acquire) != seen || stopping_.load(std::memory_order_acquire); };
    for (;;) {
        spin_until(called);
        {
            std::unique_lock<std::mutex> lock(state_);
            started_.wait(lock, called);
            if (stopping_) return;
            seen = operation_;
            if (!open_) continue;
            ++joined_;
        }
        take_items(worker);
        const std::lock_guard<std::mutex> lock(state_);
        if (--joined_ == 0) finished_.notify_one();
    }
}

} // namespace leanspike
