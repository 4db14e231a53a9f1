// What the driver's handles stand for.
#pragma once

#include "../../include/softgpu_driver.h"
#include "../counters/counters.h"
#include "../memory/heap.h"
#include "../program/program.h"
#include "../ptx/syntax.h"
#include "../run/fault.h"
#include "arch.h"

#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace softgpu {

struct Device {
    int index = 0;
    const Arch *arch = nullptr;
    std::unique_ptr<Heap> heap;
    std::map<std::string, KernelCounters> counters;
    uint64_t launches = 0;
    CUcontext primary = nullptr;
    int primary_uses = 0;
    unsigned primary_flags = 0;
};

struct Graph;

struct Stream {
    CUstream handle = nullptr;
    CUcontext context = nullptr;
    unsigned flags = 0;
    int priority = 0;
    // while it captures
    CUgraph capture = nullptr;
    bool capture_origin = false, capture_invalid = false;
    int capture_mode = 0;
    std::vector<CUgraphNode> capture_tail; // what the next node depends on
};

struct Context {
    CUcontext handle = nullptr;
    Device *device = nullptr;
    unsigned flags = 0;
    bool primary = false;
    std::optional<DeviceFault> fault; // sticky
    std::map<int, std::size_t> limits;
    Stream legacy; // the null stream
    int cache_config = 0, shared_config = 0;
};

struct Module {
    CUmodule handle = nullptr;
    CUcontext context = nullptr;
    ModuleSyntax syntax;
    std::vector<uint64_t> addresses; // of its variables in global memory, 0 for others
    std::map<std::string, CUfunction, std::less<>> functions;
};

struct Function {
    CUfunction handle = nullptr;
    CUmodule module = nullptr;
    CUcontext context = nullptr;
    Program program;
    int max_dynamic_shared = shared_per_block;
    int carveout = -1;
    uint32_t most_threads() const; // its registers allow
};

struct Event {
    CUevent handle = nullptr;
    CUcontext context = nullptr;
    unsigned flags = 0;
    bool recorded = false;
    std::chrono::steady_clock::time_point time;
    CUgraph capture = nullptr;
    std::vector<CUgraphNode> capture_tail;
};

struct KernelCall {
    CUfunction function = nullptr;
    uint32_t grid[3] = {1, 1, 1}, block[3] = {1, 1, 1};
    uint32_t dynamic_shared = 0;
    std::vector<uint8_t> params;
    std::vector<void *> pointers; // into params, for callers who ask
};

// One unit of work: run at once, or kept in a graph.
struct Work {
    int type = CU_GRAPH_NODE_TYPE_EMPTY;
    std::function<void()> run; // for anything but kernels
    std::shared_ptr<KernelCall> kernel;
    CUcontext context = nullptr;
};

struct GraphNode {
    CUgraphNode handle = nullptr;
    CUgraph graph = nullptr;
    Work work;
    std::vector<CUgraphNode> after; // its dependencies
};

struct Graph {
    CUgraph handle = nullptr;
    std::vector<CUgraphNode> nodes; // in order of creation
};

struct GraphExec {
    CUgraphExec handle = nullptr;
    std::vector<std::pair<CUgraphNode, Work>> steps; // in an order that keeps dependencies
};

} // namespace softgpu
