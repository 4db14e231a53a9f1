// Hands out blocks in order. The first fault by block number wins; blocks before it still finish, so that the same fault is
// reported however many host threads run. Sector traces are replayed through the L2 in block order.
#include "launch.h"

#include "../counters/traffic.h"
#include "worker_pool.h"

#include <algorithm>
#include <atomic>
#include <mutex>
#include <thread>

namespace softgpu {

struct Worker {
    BlockRun block;
    std::vector<Tally> tally;
    std::vector<uint64_t> trace; // sector · 2 + write
    Footprint footprint;
};

namespace {

class Grid {
public:
    Grid(const LaunchRun &run, KernelCounters &counters) : run_(run), counters_(counters), traffic_(run.options.counters >= CounterLevel::Traffic) {}

    std::optional<DeviceFault> execute() {
        uint64_t blocks = run_.blocks();
        int threads = static_cast<int>(std::min<uint64_t>(static_cast<uint64_t>(std::max(1, run_.options.host_threads)), blocks));
        if (traffic_) l2_ = std::make_unique<CacheModel>(run_.device.l2_bytes);
        run_together(threads, [this](int) { work(); });
        counters_.launches++;
        counters_.blocks += blocks;
        counters_.threads += blocks * run_.threads();
        if (traffic_) {
            l2_->flush(counters_.traffic);
            counters_.traffic.distinct_read += footprint_.count(false);
            counters_.traffic.distinct_written += footprint_.count(true);
        }
        if (first_fault_ == ~0ull) return std::nullopt;
        return fault_;
    }

private:
    void work() {
        std::unique_ptr<Worker> worker = borrow();
        worker->tally.assign(run_.program->code.size(), Tally{});
        worker->footprint.clear();
        worker->block.worker = worker.get();
        worker->block.prepare(run_, worker->tally.data());
        for (;;) {
            uint64_t block = next_.fetch_add(1);
            if (block >= run_.blocks() || block > first_fault_.load()) break;
            worker->trace.clear();
            try {
                worker->block.execute(block);
            } catch (DeviceFault &fault) {
                std::lock_guard lock(mutex_);
                if (block < first_fault_) {
                    first_fault_ = block;
                    fault_ = std::move(fault);
                }
                break;
            }
            if (traffic_) replay(block, worker->trace);
        }
        std::lock_guard lock(mutex_);
        counters_.add(*run_.program, worker->tally);
        if (traffic_) footprint_.merge(worker->footprint);
        give_back(std::move(worker));
    }

    // Traces wait until those of all earlier blocks have gone through.
    void replay(uint64_t block, const std::vector<uint64_t> &trace) {
        std::lock_guard lock(mutex_);
        waiting_[block] = trace;
        while (!waiting_.empty() && waiting_.begin()->first == replayed_) {
            for (uint64_t entry : waiting_.begin()->second) l2_->access(entry >> 1, entry & 1, counters_.traffic);
            waiting_.erase(waiting_.begin());
            replayed_++;
        }
    }

    static std::mutex &idle_mutex() {
        static std::mutex *mutex = new std::mutex;
        return *mutex;
    }
    static std::vector<std::unique_ptr<Worker>> &idle() {
        static auto *workers = new std::vector<std::unique_ptr<Worker>>;
        return *workers;
    }
    static std::unique_ptr<Worker> borrow() { // its memory is used again from launch to launch
        std::lock_guard lock(idle_mutex());
        if (idle().empty()) return std::make_unique<Worker>();
        std::unique_ptr<Worker> worker = std::move(idle().back());
        idle().pop_back();
        return worker;
    }
    static void give_back(std::unique_ptr<Worker> worker) {
        std::lock_guard lock(idle_mutex());
        idle().push_back(std::move(worker));
    }

    const LaunchRun &run_;
    KernelCounters &counters_;
    bool traffic_;
    std::unique_ptr<CacheModel> l2_;
    Footprint footprint_;
    std::atomic<uint64_t> next_ = 0, first_fault_ = ~0ull;
    DeviceFault fault_{0, ""};
    std::mutex mutex_;
    std::map<uint64_t, std::vector<uint64_t>> waiting_;
    uint64_t replayed_ = 0;
};

} // namespace

std::optional<DeviceFault> run_grid(const LaunchRun &run, KernelCounters &counters) { return Grid(run, counters).execute(); }

const Region *find_region(const Launch &launch, uint64_t address) {
    const Region *end = launch.regions + launch.region_count;
    const Region *next = std::upper_bound(launch.regions, end, address, [](uint64_t a, const Region &r) { return a < r.address; });
    if (next == launch.regions) return nullptr;
    --next;
    return address - next->address < next->bytes ? next : nullptr;
}

void trace_sector(Block &block, uint64_t sector, bool write) { block.worker->trace.push_back(sector << 1 | (write ? 1 : 0)); }

void mark_footprint(Block &block, const Region &region, uint64_t offset, uint32_t bytes, bool write) {
    block.worker->footprint.mark(region.footprint, region.bytes, offset, bytes, write);
}

} // namespace softgpu
