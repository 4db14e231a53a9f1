// The state behind the driver API, and what every entry point starts and ends with.
#pragma once

#include "../run/launch.h"
#include "objects.h"
#include "registry.h"

#include <mutex>
#include <stdexcept>

#define SOFTGPU_API extern "C" __attribute__((visibility("default"))) CUresult

namespace softgpu {

struct ApiError {
    CUresult result;
    std::string text;
};
[[noreturn]] void fail(CUresult result, const std::string &text);

struct Driver {
    bool initialised = false;
    bool launch_blocking = false; // CUDA_LAUNCH_BLOCKING: a faulty launch reports itself
    Options options;
    std::vector<std::unique_ptr<Device>> devices;
    Registry<CUcontext, Context> contexts{1};
    Registry<CUmodule, Module> modules{2};
    Registry<CUfunction, Function> functions{3};
    Registry<CUstream, Stream> streams{4};
    Registry<CUevent, Event> events{5};
    Registry<CUgraph, Graph> graphs{6};
    Registry<CUgraphNode, GraphNode> nodes{7};
    Registry<CUgraphExec, GraphExec> executables{8};
    std::map<void *, std::size_t> pinned; // host memory from cuMemHostAlloc
    std::map<void *, std::size_t> registered;
    std::recursive_mutex mutex;
    std::string last_error;
};

Driver &driver();
void initialise();

Device &device_of(CUdevice index);
std::vector<CUcontext> &context_stack(); // of the calling thread
Context &current_context();              // must exist and be free of faults
Context &context_of(CUcontext handle);
Module &module_of(CUmodule handle);
Function &function_of(CUfunction handle);
Stream &stream_of(CUstream handle); // null and the legacy and per-thread constants are the context's own
Event &event_of(CUevent handle);
Graph &graph_of(CUgraph handle);
GraphNode &node_of(CUgraphNode handle);

// Records a failure's text; the result passes through.
CUresult note(CUresult result, const char *call, const std::string &text);

// Runs the body of a call under the driver's lock and turns exceptions into results.
template <class Body> CUresult attempt(const char *call, Body body) {
    std::lock_guard lock(driver().mutex);
    try {
        body();
        return CUDA_SUCCESS;
    } catch (const ApiError &error) {
        return note(error.result, call, error.text);
    } catch (const std::invalid_argument &error) {
        return note(CUDA_ERROR_INVALID_VALUE, call, error.what());
    } catch (const std::bad_alloc &) {
        return note(CUDA_ERROR_OUT_OF_MEMORY, call, "the host has no memory left");
    } catch (const std::exception &error) {
        return note(CUDA_ERROR_UNKNOWN, call, error.what());
    }
}

// A call that cuInit must come before.
template <class Body> CUresult entry(const char *call, Body body) {
    return attempt(call, [&] {
        if (!driver().initialised) fail(CUDA_ERROR_NOT_INITIALIZED, "cuInit was not called");
        body();
    });
}

template <class T> T &given(T *pointer, const char *name) {
    if (!pointer) fail(CUDA_ERROR_INVALID_VALUE, std::string(name) + " is null");
    return *pointer;
}

// Runs the work, or adds it to the graph that the stream captures into.
void submit(Stream &stream, Work work);
void perform(const Work &work);
void run_kernel(const KernelCall &call);
KernelCall checked_call(CUfunction function, const uint32_t *grid, const uint32_t *block, uint32_t dynamic_shared, void **params, void **extra);
void forbid_during_capture(const char *what); // calls that a capture of the whole process does not allow

} // namespace softgpu
