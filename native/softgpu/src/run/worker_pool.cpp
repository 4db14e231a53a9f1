// The pool is never taken down: its threads sleep until the process ends.
#include "worker_pool.h"

#include <condition_variable>
#include <mutex>
#include <thread>
#include <vector>

namespace softgpu {
namespace {

class Pool {
public:
    void run(int count, const std::function<void(int)> &body) {
        std::lock_guard turn(turn_); // launches of several callers take turns
        {
            std::lock_guard lock(mutex_);
            while (static_cast<int>(threads_) < count - 1) {
                // Counted once it is there: a thread that cannot be started is not waited for later.
                std::thread([this, id = threads_ + 1] { serve(id); }).detach();
                threads_++;
            }
            body_ = &body;
            wanted_ = count - 1;
            running_ = count - 1;
            generation_++;
        }
        wake_.notify_all();
        body(0);
        std::unique_lock lock(mutex_);
        done_.wait(lock, [this] { return running_ == 0; });
    }

private:
    void serve(int id) {
        uint64_t seen = 0;
        for (;;) {
            const std::function<void(int)> *body;
            {
                std::unique_lock lock(mutex_);
                wake_.wait(lock, [&] { return generation_ != seen && id <= wanted_; });
                seen = generation_;
                body = body_;
            }
            (*body)(id);
            std::lock_guard lock(mutex_);
            if (--running_ == 0) done_.notify_one();
        }
    }

    std::mutex turn_, mutex_;
    std::condition_variable wake_, done_;
    const std::function<void(int)> *body_ = nullptr;
    int threads_ = 0, wanted_ = 0, running_ = 0;
    uint64_t generation_ = 0;
};

} // namespace

void run_together(int count, const std::function<void(int)> &body) {
    if (count <= 1) return body(0);
    static Pool *pool = new Pool; // outlives static destruction
    pool->run(count, body);
}

} // namespace softgpu
