// Stream capture: work submitted to a stream becomes nodes of a graph; other streams join through events.
#include "driver.h"

using namespace softgpu;

namespace {

void begin(CUstream handle, int mode) {
    Stream &stream = stream_of(handle);
    if (!stream.handle) fail(CUDA_ERROR_STREAM_CAPTURE_UNSUPPORTED, "the legacy stream cannot capture");
    if (stream.capture) fail(CUDA_ERROR_ILLEGAL_STATE, "the stream captures already");
    if (mode < 0 || mode > 2) fail(CUDA_ERROR_INVALID_VALUE, "no capture mode " + std::to_string(mode));
    stream.capture = driver().graphs.add();
    stream.capture_origin = true;
    stream.capture_invalid = false;
    stream.capture_mode = mode;
    stream.capture_tail.clear();
}

bool reaches(CUgraphNode from, CUgraphNode to) { // through dependencies of `from`
    if (from == to) return true;
    for (CUgraphNode earlier : node_of(from).after)
        if (reaches(earlier, to)) return true;
    return false;
}

void end(CUstream handle, CUgraph *out) {
    Stream &origin = stream_of(handle);
    given(out, "graph");
    if (!origin.capture) fail(CUDA_ERROR_ILLEGAL_STATE, "the stream does not capture");
    if (!origin.capture_origin) fail(CUDA_ERROR_STREAM_CAPTURE_UNMATCHED, "the capture began in another stream");
    CUgraph graph = origin.capture;
    bool invalid = false, unjoined = false;
    driver().streams.each([&](Stream &s) {
        if (s.capture != graph) return;
        invalid |= s.capture_invalid;
        for (CUgraphNode tail : s.capture_tail) {
            bool joined = false;
            for (CUgraphNode own : origin.capture_tail) joined |= reaches(own, tail);
            unjoined |= !joined;
        }
        s.capture = nullptr;
        s.capture_origin = false;
    });
    *out = nullptr;
    if (invalid) fail(CUDA_ERROR_STREAM_CAPTURE_INVALIDATED, "an earlier call spoiled the capture");
    if (unjoined) fail(CUDA_ERROR_STREAM_CAPTURE_UNJOINED, "a stream that took part did not join the one that began the capture");
    *out = graph;
}

} // namespace

SOFTGPU_API cuStreamBeginCapture(CUstream stream, int mode) {
    return entry("cuStreamBeginCapture", [&] { begin(stream, mode); });
}
SOFTGPU_API cuStreamBeginCapture_v2(CUstream stream, int mode) {
    return entry("cuStreamBeginCapture", [&] { begin(stream, mode); });
}
SOFTGPU_API cuStreamEndCapture(CUstream stream, CUgraph *graph) {
    return entry("cuStreamEndCapture", [&] { end(stream, graph); });
}
SOFTGPU_API cuStreamIsCapturing(CUstream handle, int *status) {
    return entry("cuStreamIsCapturing", [&] {
        Stream &stream = stream_of(handle);
        given(status, "status") = !stream.capture ? 0 : stream.capture_invalid ? 2 : 1;
    });
}
SOFTGPU_API cuThreadExchangeStreamCaptureMode(int *mode) {
    static thread_local int current = 0;
    return entry("cuThreadExchangeStreamCaptureMode", [&] { std::swap(given(mode, "mode"), current); });
}
