// Contexts: the primary one of each device, others, and the stack of each thread.
#include "driver.h"

using namespace softgpu;

namespace {

CUcontext create(Device &device, unsigned flags, bool primary) {
    CUcontext handle = driver().contexts.add();
    Context &context = context_of(handle);
    context.device = &device;
    context.flags = flags;
    context.primary = primary;
    context.legacy.context = handle;
    context.limits = {{0, 1024}, {1, 1 << 20}, {2, 8 << 20}, {3, 2}, {4, 2048}, {5, 64}, {6, 0}};
    return handle;
}

// With its modules, streams and events. Memory of a device is shared by its contexts here; it goes with the last of them.
void destroy(CUcontext handle) {
    Driver &d = driver();
    Device *device = context_of(handle).device;
    d.modules.remove_if([&](Module &m) {
        if (m.context != handle) return false;
        for (uint64_t address : m.addresses)
            if (address) device->heap->release(address);
        return true;
    });
    d.functions.remove_if([&](Function &f) { return f.context == handle; });
    d.streams.remove_if([&](Stream &s) { return s.context == handle; });
    d.events.remove_if([&](Event &e) { return e.context == handle; });
    d.contexts.remove(handle);
    bool last = true;
    d.contexts.each([&](Context &c) { last &= c.device != device; });
    if (!last) return;
    device->heap->clear();
    for (const auto *host : {&d.pinned, &d.registered})
        for (auto [pointer, bytes] : *host)
            device->heap->adopt(static_cast<uint8_t *>(pointer), bytes, host == &d.pinned ? Origin::Pinned : Origin::Registered);
}

void destroy_primary(Device &device) {
    if (device.primary) destroy(device.primary);
    device.primary = nullptr;
    device.primary_uses = 0;
}

} // namespace

SOFTGPU_API cuDevicePrimaryCtxRetain(CUcontext *context, CUdevice index) {
    return entry("cuDevicePrimaryCtxRetain", [&] {
        Device &device = device_of(index);
        if (!device.primary) device.primary = create(device, device.primary_flags, true);
        device.primary_uses++;
        given(context, "context") = device.primary;
    });
}
SOFTGPU_API cuDevicePrimaryCtxRelease_v2(CUdevice index) {
    return entry("cuDevicePrimaryCtxRelease", [&] {
        Device &device = device_of(index);
        if (device.primary_uses == 0) fail(CUDA_ERROR_INVALID_CONTEXT, "the primary context is not retained");
        if (--device.primary_uses == 0) destroy_primary(device);
    });
}
SOFTGPU_API cuDevicePrimaryCtxReset_v2(CUdevice index) {
    return entry("cuDevicePrimaryCtxReset", [&] { destroy_primary(device_of(index)); });
}
SOFTGPU_API cuDevicePrimaryCtxSetFlags_v2(CUdevice index, unsigned int flags) {
    return entry("cuDevicePrimaryCtxSetFlags", [&] { device_of(index).primary_flags = flags; });
}
SOFTGPU_API cuDevicePrimaryCtxGetState(CUdevice index, unsigned int *flags, int *active) {
    return entry("cuDevicePrimaryCtxGetState", [&] {
        Device &device = device_of(index);
        given(flags, "flags") = device.primary_flags;
        given(active, "active") = device.primary != nullptr;
    });
}

SOFTGPU_API cuCtxCreate_v2(CUcontext *context, unsigned int flags, CUdevice index) {
    return entry("cuCtxCreate", [&] {
        CUcontext &out = given(context, "context");
        out = create(device_of(index), flags, false);
        context_stack().push_back(out);
    });
}
SOFTGPU_API cuCtxDestroy_v2(CUcontext context) {
    return entry("cuCtxDestroy", [&] {
        if (context_of(context).primary) fail(CUDA_ERROR_INVALID_CONTEXT, "a primary context is released, not destroyed");
        destroy(context);
        if (!context_stack().empty() && context_stack().back() == context) context_stack().pop_back();
    });
}
SOFTGPU_API cuCtxPushCurrent_v2(CUcontext context) {
    return entry("cuCtxPushCurrent", [&] {
        context_of(context);
        context_stack().push_back(context);
    });
}
SOFTGPU_API cuCtxPopCurrent_v2(CUcontext *context) {
    return entry("cuCtxPopCurrent", [&] {
        if (context_stack().empty()) fail(CUDA_ERROR_INVALID_CONTEXT, "no context is current in this thread");
        if (context) *context = context_stack().back();
        context_stack().pop_back();
    });
}
SOFTGPU_API cuCtxSetCurrent(CUcontext context) {
    return entry("cuCtxSetCurrent", [&] {
        auto &stack = context_stack();
        if (!context) {
            if (!stack.empty()) stack.pop_back();
            return;
        }
        context_of(context);
        if (stack.empty()) stack.push_back(context);
        else stack.back() = context;
    });
}
SOFTGPU_API cuCtxGetCurrent(CUcontext *context) {
    return entry("cuCtxGetCurrent", [&] { given(context, "context") = context_stack().empty() ? nullptr : context_stack().back(); });
}
SOFTGPU_API cuCtxGetDevice(CUdevice *device) {
    return entry("cuCtxGetDevice", [&] { given(device, "device") = current_context().device->index; });
}
SOFTGPU_API cuCtxGetFlags(unsigned int *flags) {
    return entry("cuCtxGetFlags", [&] { given(flags, "flags") = current_context().flags; });
}
SOFTGPU_API cuCtxGetId(CUcontext context, unsigned long long *id) {
    return entry("cuCtxGetId", [&] {
        Context &c = context ? context_of(context) : current_context();
        given(id, "id") = reinterpret_cast<uint64_t>(c.handle);
    });
}
SOFTGPU_API cuCtxSynchronize() {
    return entry("cuCtxSynchronize", [&] {
        Context &context = current_context();
        driver().streams.each([&](Stream &s) {
            if (s.context == context.handle && s.capture) {
                s.capture_invalid = true;
                fail(CUDA_ERROR_STREAM_CAPTURE_UNSUPPORTED, "a stream of the context captures");
            }
        });
    });
}
SOFTGPU_API cuCtxSetLimit(int which, size_t value) {
    return entry("cuCtxSetLimit", [&] {
        auto &limits = current_context().limits;
        if (!limits.contains(which)) fail(CUDA_ERROR_UNSUPPORTED_LIMIT, "no limit " + std::to_string(which));
        limits[which] = value;
    });
}
SOFTGPU_API cuCtxGetLimit(size_t *value, int which) {
    return entry("cuCtxGetLimit", [&] {
        auto &limits = current_context().limits;
        if (!limits.contains(which)) fail(CUDA_ERROR_UNSUPPORTED_LIMIT, "no limit " + std::to_string(which));
        given(value, "value") = limits[which];
    });
}
SOFTGPU_API cuCtxGetCacheConfig(int *config) {
    return entry("cuCtxGetCacheConfig", [&] { given(config, "config") = current_context().cache_config; });
}
SOFTGPU_API cuCtxSetCacheConfig(int config) {
    return entry("cuCtxSetCacheConfig", [&] { current_context().cache_config = config; });
}
SOFTGPU_API cuCtxGetSharedMemConfig(int *config) {
    return entry("cuCtxGetSharedMemConfig", [&] { given(config, "config") = current_context().shared_config; });
}
SOFTGPU_API cuCtxSetSharedMemConfig(int config) {
    return entry("cuCtxSetSharedMemConfig", [&] { current_context().shared_config = config; });
}
SOFTGPU_API cuCtxGetApiVersion(CUcontext context, unsigned int *version) {
    return entry("cuCtxGetApiVersion", [&] {
        if (context) context_of(context);
        given(version, "version") = 3020;
    });
}
SOFTGPU_API cuCtxGetStreamPriorityRange(int *least, int *greatest) {
    return entry("cuCtxGetStreamPriorityRange", [&] {
        current_context();
        if (least) *least = 0;
        if (greatest) *greatest = -5;
    });
}
