// A context's threads: the caller and threads - 1 workers, one operation at a time.
#pragma once

#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <thread>
#include <vector>

namespace leanspike {

// Memory of one worker, 64-byte aligned, kept from call to call.
class Scratch {
  public:
    Scratch() = default;
    Scratch(Scratch &&other) noexcept;
    Scratch &operator=(Scratch &&) = delete;
    ~Scratch();

    // At least this many bytes; what they held before is lost when it grows.
    void reserve(int64_t bytes);
    unsigned char *data() const { return data_; }

  private:
    unsigned char *data_ = nullptr;
    int64_t bytes_ = 0;
};

class ThreadPool {
  public:
    explicit ThreadPool(int threads);
    ~ThreadPool();
    ThreadPool(const ThreadPool &) = delete;
    ThreadPool &operator=(const ThreadPool &) = delete;

    int threads() const { return static_cast<int>(scratch_.size()); }

    // work(item, scratch) for every item 0 .. items - 1, in any order on any thread; returns when all are done. Calls from several
    // threads take turns.
    using Work = std::function<void(int64_t item, unsigned char *scratch)>;
    void run(int64_t items, int64_t scratch_bytes, const Work &work);

  private:
    void serve(int worker);
    void take_items(int worker);
    void leave();
    void wait_for_workers();
    void stop();
    template <class Condition>
    bool spin_until(const Condition &condition, const std::atomic<int> &other) const;

    std::mutex turn_; // held by the caller whose operation runs
    std::vector<Scratch> scratch_;
    std::vector<std::thread> workers_;
    bool spins_; // before it sleeps; where threads share processors, who waits would keep the others from working

    const Work *work_ = nullptr;
    int64_t items_ = 0;
    alignas(64) std::atomic<int64_t> next_item_{0};

    // Operations started so far, whether the newest takes workers, and how many are at it. A worker joins if it wakes while there are items
    // left; nobody waits for one that does not. Joining and leaving is one atomic instruction each: a lock would cost what a small operation takes.
    alignas(64) std::atomic<uint64_t> state_{0};
    std::atomic<bool> stopping_{false};
    std::atomic<int> caller_at_{-1}, worker_at_{-1}; // processors that the caller, and the last worker to join, were on then

    // Sleep, when spinning was in vain. Each flag is set before its sleeper looks at state_ a last time, so that who changes state_ and then
    // finds no flag has been seen.
    alignas(64) std::atomic<bool> workers_sleep_{false};
    std::atomic<bool> caller_sleeps_{false};
    std::mutex sleep_;
    std::condition_variable started_, finished_;
};

} // namespace leanspike
