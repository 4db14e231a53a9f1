// Start-up, handle look-ups and error texts.
#include "../exec/handlers.h"
#include "../run/environment.h"
#include "driver.h"

#include <cstdlib>
#include <cstring>

namespace softgpu {
namespace {

int driver_version() {
    static const int version = static_cast<int>(environment_number("LEANSPIKE_SOFTGPU_DRIVER_VERSION", 13000)); // runs the PTX of CUDA 13.0
    return version;
}

template <class Object> Object &found(Object *object, const char *what) {
    if (!object) fail(CUDA_ERROR_INVALID_HANDLE, std::string("not a ") + what + ", or one already destroyed");
    return *object;
}

} // namespace

void fail(CUresult result, const std::string &text) { throw ApiError{result, text}; }

Driver &driver() {
    static Driver *state = new Driver; // outlives static destruction: callers may free handles late
    return *state;
}

void initialise() {
    Driver &d = driver();
    std::lock_guard lock(d.mutex);
    if (d.initialised) return;
    d.options = Options::from_environment();
    const char *blocking = std::getenv("CUDA_LAUNCH_BLOCKING");
    d.launch_blocking = blocking && std::strcmp(blocking, "1") == 0;
    const Arch &arch = arch_of(environment_number("LEANSPIKE_SOFTGPU_ARCH", 80));
    uint64_t memory = environment_number("LEANSPIKE_SOFTGPU_MEMORY", 8ull << 30);
    uint64_t count = environment_number("LEANSPIKE_SOFTGPU_DEVICES", 1);
    if (count > 64) throw std::invalid_argument("LEANSPIKE_SOFTGPU_DEVICES: " + std::to_string(count) + " is above 64");
    handlers(); // chosen once, so when all else is known to be right
    for (uint64_t i = 0; i < count; i++) {
        auto device = std::make_unique<Device>();
        device->index = static_cast<int>(i);
        device->arch = &arch;
        device->heap = std::make_unique<Heap>(memory, d.options.global_checks);
        d.devices.push_back(std::move(device));
    }
    d.initialised = true;
}

Device &device_of(CUdevice index) {
    auto &devices = driver().devices;
    if (index < 0 || static_cast<std::size_t>(index) >= devices.size()) fail(CUDA_ERROR_INVALID_DEVICE, "no device " + std::to_string(index));
    return *devices[static_cast<std::size_t>(index)];
}

std::vector<CUcontext> &context_stack() {
    static thread_local std::vector<CUcontext> stack;
    return stack;
}

Context &current_context() {
    if (context_stack().empty() || !context_stack().back()) fail(CUDA_ERROR_INVALID_CONTEXT, "no context is current in this thread");
    Context *context = driver().contexts.find(context_stack().back());
    if (!context) fail(CUDA_ERROR_CONTEXT_IS_DESTROYED, "the current context was destroyed");
    if (context->fault) fail(context->fault->result, context->fault->text);
    return *context;
}

Context &context_of(CUcontext handle) {
    Context *context = driver().contexts.find(handle);
    if (!context) fail(CUDA_ERROR_INVALID_CONTEXT, "not a context, or one already destroyed");
    return *context;
}
Module &module_of(CUmodule handle) { return found(driver().modules.find(handle), "module"); }
Function &function_of(CUfunction handle) { return found(driver().functions.find(handle), "function (its module may have been unloaded)"); }
Event &event_of(CUevent handle) { return found(driver().events.find(handle), "event"); }
Graph &graph_of(CUgraph handle) { return found(driver().graphs.find(handle), "graph"); }
GraphNode &node_of(CUgraphNode handle) { return found(driver().nodes.find(handle), "graph node"); }

Stream &stream_of(CUstream handle) {
    if (reinterpret_cast<uint64_t>(handle) <= 2) return current_context().legacy;
    Stream &stream = found(driver().streams.find(handle), "stream");
    Context &context = context_of(stream.context);
    if (context.fault) fail(context.fault->result, context.fault->text);
    return stream;
}

CUresult note(CUresult result, const char *call, const std::string &text) {
    if (result != CUDA_SUCCESS && result != CUDA_ERROR_NOT_READY) driver().last_error = std::string(call) + ": " + text;
    return result;
}

} // namespace softgpu

using namespace softgpu;

SOFTGPU_API cuInit(unsigned int flags) {
    return attempt("cuInit", [&] {
        initialise();
        if (flags) fail(CUDA_ERROR_INVALID_VALUE, "flags must be 0");
        if (driver().devices.empty()) fail(CUDA_ERROR_NO_DEVICE, "LEANSPIKE_SOFTGPU_DEVICES is 0");
    });
}

SOFTGPU_API cuDriverGetVersion(int *version) {
    return attempt("cuDriverGetVersion", [&] { given(version, "version") = driver_version(); });
}
