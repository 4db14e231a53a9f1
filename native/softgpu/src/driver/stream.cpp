// Streams run their work at once, in order of submission, or record it while they capture. Events mark points in that order.
#include "driver.h"

using namespace softgpu;

namespace {

CUstream create(unsigned flags, int priority) {
    Context &context = current_context();
    CUstream handle = driver().streams.add();
    Stream &stream = *driver().streams.find(handle);
    stream.context = context.handle;
    stream.flags = flags;
    stream.priority = std::max(-5, std::min(0, priority));
    return handle;
}

// Work in the legacy stream waits for every blocking stream, so it must not be submitted while one of them captures.
void check_implicit_dependency(Stream &stream) {
    if (stream.handle) return;
    driver().streams.each([&](Stream &other) {
        if (other.context != stream.context || !other.capture || (other.flags & CU_STREAM_NON_BLOCKING)) return;
        other.capture_invalid = true;
        fail(CUDA_ERROR_STREAM_CAPTURE_IMPLICIT, "the legacy stream would wait for a capturing stream");
    });
}

void forbid_on_capture(Stream &stream) {
    if (!stream.capture) return;
    stream.capture_invalid = true;
    fail(CUDA_ERROR_STREAM_CAPTURE_UNSUPPORTED, "the stream captures");
}

} // namespace

namespace softgpu {

void perform(const Work &work) {
    if (work.kernel) run_kernel(*work.kernel);
    else if (work.run) work.run();
}

void submit(Stream &stream, Work work) {
    check_implicit_dependency(stream);
    if (!stream.capture) return perform(work);
    if (stream.capture_invalid) fail(CUDA_ERROR_STREAM_CAPTURE_INVALIDATED, "an earlier call spoiled the capture");
    CUgraphNode handle = driver().nodes.add();
    GraphNode &node = node_of(handle);
    node.graph = stream.capture;
    node.work = std::move(work);
    node.after = stream.capture_tail;
    graph_of(stream.capture).nodes.push_back(handle);
    stream.capture_tail = {handle};
}

} // namespace softgpu

SOFTGPU_API cuStreamCreate(CUstream *stream, unsigned int flags) {
    return entry("cuStreamCreate", [&] { given(stream, "stream") = create(flags, 0); });
}
SOFTGPU_API cuStreamCreateWithPriority(CUstream *stream, unsigned int flags, int priority) {
    return entry("cuStreamCreateWithPriority", [&] { given(stream, "stream") = create(flags, priority); });
}
SOFTGPU_API cuStreamDestroy_v2(CUstream handle) {
    return entry("cuStreamDestroy", [&] {
        if (reinterpret_cast<uint64_t>(handle) <= 2) fail(CUDA_ERROR_INVALID_HANDLE, "the default stream cannot be destroyed");
        if (!driver().streams.find(handle)) fail(CUDA_ERROR_INVALID_HANDLE, "not a stream, or one already destroyed");
        driver().streams.remove(handle);
    });
}
SOFTGPU_API cuStreamSynchronize(CUstream handle) {
    return entry("cuStreamSynchronize", [&] {
        Stream &stream = stream_of(handle);
        check_implicit_dependency(stream);
        forbid_on_capture(stream);
    });
}
SOFTGPU_API cuStreamQuery(CUstream handle) {
    return entry("cuStreamQuery", [&] { forbid_on_capture(stream_of(handle)); });
}
SOFTGPU_API cuStreamGetFlags(CUstream handle, unsigned int *flags) {
    return entry("cuStreamGetFlags", [&] { given(flags, "flags") = stream_of(handle).flags; });
}
SOFTGPU_API cuStreamGetPriority(CUstream handle, int *priority) {
    return entry("cuStreamGetPriority", [&] { given(priority, "priority") = stream_of(handle).priority; });
}
SOFTGPU_API cuStreamGetCtx(CUstream handle, CUcontext *context) {
    return entry("cuStreamGetCtx", [&] { given(context, "context") = stream_of(handle).context; });
}
SOFTGPU_API cuStreamGetId(CUstream handle, unsigned long long *id) {
    return entry("cuStreamGetId", [&] {
        stream_of(handle);
        given(id, "id") = reinterpret_cast<uint64_t>(handle);
    });
}
SOFTGPU_API cuStreamWaitEvent(CUstream stream_handle, CUevent event_handle, unsigned int) {
    return entry("cuStreamWaitEvent", [&] {
        Stream &stream = stream_of(stream_handle);
        Event &event = event_of(event_handle);
        if (!event.capture) {
            if (stream.capture) {
                stream.capture_invalid = true;
                fail(CUDA_ERROR_STREAM_CAPTURE_ISOLATION, "a capturing stream cannot wait for work that is not captured");
            }
            return; // what it marks has run already
        }
        if (stream.capture && stream.capture != event.capture) fail(CUDA_ERROR_STREAM_CAPTURE_MERGE, "the event belongs to another capture");
        if (!stream.handle) fail(CUDA_ERROR_STREAM_CAPTURE_IMPLICIT, "the legacy stream cannot take part in a capture");
        if (!stream.capture) {
            stream.capture = event.capture;
            stream.capture_origin = stream.capture_invalid = false;
            stream.capture_tail.clear();
        }
        for (CUgraphNode node : event.capture_tail)
            if (std::find(stream.capture_tail.begin(), stream.capture_tail.end(), node) == stream.capture_tail.end()) stream.capture_tail.push_back(node);
    });
}
SOFTGPU_API cuStreamAddCallback(CUstream handle, CUstreamCallback callback, void *data, unsigned int) {
    return entry("cuStreamAddCallback", [&] {
        given(callback, "callback");
        Stream &stream = stream_of(handle);
        forbid_on_capture(stream);
        callback(handle, CUDA_SUCCESS, data);
    });
}
SOFTGPU_API cuLaunchHostFunc(CUstream handle, CUhostFn function, void *data) {
    return entry("cuLaunchHostFunc", [&] {
        given(function, "function");
        Stream &stream = stream_of(handle);
        submit(stream, {CU_GRAPH_NODE_TYPE_HOST, [=] { function(data); }, nullptr, stream.context});
    });
}

SOFTGPU_API cuEventCreate(CUevent *event, unsigned int flags) {
    return entry("cuEventCreate", [&] {
        Context &context = current_context();
        CUevent handle = driver().events.add();
        event_of(handle).context = context.handle;
        event_of(handle).flags = flags;
        given(event, "event") = handle;
    });
}
SOFTGPU_API cuEventDestroy_v2(CUevent handle) {
    return entry("cuEventDestroy", [&] {
        event_of(handle);
        driver().events.remove(handle);
    });
}
SOFTGPU_API cuEventRecord(CUevent event_handle, CUstream stream_handle) {
    return entry("cuEventRecord", [&] {
        Event &event = event_of(event_handle);
        Stream &stream = stream_of(stream_handle);
        if (event.context != stream.context) fail(CUDA_ERROR_INVALID_HANDLE, "event and stream belong to different contexts");
        check_implicit_dependency(stream);
        event.capture = stream.capture;
        event.capture_tail = stream.capture_tail;
        event.recorded = !stream.capture;
        event.time = std::chrono::steady_clock::now();
    });
}
SOFTGPU_API cuEventRecordWithFlags(CUevent event, CUstream stream, unsigned int flags) {
    if (flags) return entry("cuEventRecordWithFlags", [] { fail(CUDA_ERROR_NOT_SUPPORTED, "event record nodes of graphs"); });
    return cuEventRecord(event, stream);
}

namespace {

Event &settled(CUevent handle) {
    Event &event = event_of(handle);
    Context &context = context_of(event.context);
    if (context.fault) fail(context.fault->result, context.fault->text);
    if (event.capture) fail(CUDA_ERROR_CAPTURED_EVENT, "the event was last recorded in a capturing stream");
    return event;
}

} // namespace

SOFTGPU_API cuEventQuery(CUevent handle) {
    return entry("cuEventQuery", [&] { settled(handle); });
}
SOFTGPU_API cuEventSynchronize(CUevent handle) {
    return entry("cuEventSynchronize", [&] { settled(handle); });
}
SOFTGPU_API cuEventElapsedTime(float *milliseconds, CUevent from, CUevent to) {
    return entry("cuEventElapsedTime", [&] {
        Event &a = settled(from), &b = settled(to);
        if (!a.recorded || !b.recorded) fail(CUDA_ERROR_INVALID_HANDLE, "an event that was not recorded");
        if ((a.flags | b.flags) & CU_EVENT_DISABLE_TIMING) fail(CUDA_ERROR_INVALID_HANDLE, "an event created without timing");
        given(milliseconds, "milliseconds") = std::chrono::duration<float, std::milli>(b.time - a.time).count();
    });
}
SOFTGPU_API cuEventElapsedTime_v2(float *milliseconds, CUevent from, CUevent to) { return cuEventElapsedTime(milliseconds, from, to); }
