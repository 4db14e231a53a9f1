// Names of result codes and short explanations.
#include "driver.h"

namespace {

struct Known {
    CUresult code;
    const char *name, *text;
};
#define KNOWN(code, name, text) {code, "CUDA_" name, text}
constexpr Known known[] = {
    KNOWN(0, "SUCCESS", "no error"),
    KNOWN(1, "ERROR_INVALID_VALUE", "invalid argument"),
    KNOWN(2, "ERROR_OUT_OF_MEMORY", "out of memory"),
    KNOWN(3, "ERROR_NOT_INITIALIZED", "initialization error"),
    KNOWN(100, "ERROR_NO_DEVICE", "no CUDA-capable device is detected"),
    KNOWN(101, "ERROR_INVALID_DEVICE", "invalid device ordinal"),
    KNOWN(200, "ERROR_INVALID_IMAGE", "device kernel image is invalid"),
    KNOWN(201, "ERROR_INVALID_CONTEXT", "invalid device context"),
    KNOWN(209, "ERROR_NO_BINARY_FOR_GPU", "no kernel image is available for execution on the device"),
    KNOWN(215, "ERROR_UNSUPPORTED_LIMIT", "limit is not supported on this architecture"),
    KNOWN(218, "ERROR_INVALID_PTX", "a PTX JIT compilation failed"),
    KNOWN(222, "ERROR_UNSUPPORTED_PTX_VERSION", "the provided PTX uses features this device does not have"),
    KNOWN(301, "ERROR_FILE_NOT_FOUND", "file not found"),
    KNOWN(400, "ERROR_INVALID_HANDLE", "invalid resource handle"),
    KNOWN(401, "ERROR_ILLEGAL_STATE", "the operation cannot be performed in the present state"),
    KNOWN(500, "ERROR_NOT_FOUND", "named symbol not found"),
    KNOWN(600, "ERROR_NOT_READY", "device not ready"),
    KNOWN(700, "ERROR_ILLEGAL_ADDRESS", "an illegal memory access was encountered"),
    KNOWN(701, "ERROR_LAUNCH_OUT_OF_RESOURCES", "too many resources requested for launch"),
    KNOWN(702, "ERROR_LAUNCH_TIMEOUT", "the launch timed out and was terminated"),
    KNOWN(705, "ERROR_PEER_ACCESS_NOT_ENABLED", "peer access has not been enabled"),
    KNOWN(708, "ERROR_PRIMARY_CONTEXT_ACTIVE", "cannot set while device is active in this process"),
    KNOWN(709, "ERROR_CONTEXT_IS_DESTROYED", "context is destroyed"),
    KNOWN(710, "ERROR_ASSERT", "device-side assert triggered"),
    KNOWN(712, "ERROR_HOST_MEMORY_ALREADY_REGISTERED", "part or all of the requested memory range is already mapped"),
    KNOWN(713, "ERROR_HOST_MEMORY_NOT_REGISTERED", "pointer does not correspond to a registered memory region"),
    KNOWN(716, "ERROR_MISALIGNED_ADDRESS", "misaligned address"),
    KNOWN(719, "ERROR_LAUNCH_FAILED", "unspecified launch failure"),
    KNOWN(801, "ERROR_NOT_SUPPORTED", "operation not supported"),
    KNOWN(900, "ERROR_STREAM_CAPTURE_UNSUPPORTED", "operation not permitted when stream is capturing"),
    KNOWN(901, "ERROR_STREAM_CAPTURE_INVALIDATED", "operation failed due to a previous error during capture"),
    KNOWN(902, "ERROR_STREAM_CAPTURE_MERGE", "operation would result in a merge of separate capture sequences"),
    KNOWN(903, "ERROR_STREAM_CAPTURE_UNMATCHED", "capture was not ended in the same stream as it began"),
    KNOWN(904, "ERROR_STREAM_CAPTURE_UNJOINED", "capturing stream has unjoined work"),
    KNOWN(905, "ERROR_STREAM_CAPTURE_ISOLATION", "dependency created on uncaptured work in another stream"),
    KNOWN(906, "ERROR_STREAM_CAPTURE_IMPLICIT", "operation would make the legacy stream depend on a capturing blocking stream"),
    KNOWN(907, "ERROR_CAPTURED_EVENT", "operation not permitted on an event last recorded in a capturing stream"),
    KNOWN(999, "ERROR_UNKNOWN", "unknown error"),
};
#undef KNOWN

const Known *lookup(CUresult code) {
    for (const Known &entry : known)
        if (entry.code == code) return &entry;
    return nullptr;
}

} // namespace

SOFTGPU_API cuGetErrorName(CUresult code, const char **name) {
    if (!name) return CUDA_ERROR_INVALID_VALUE;
    const Known *entry = lookup(code);
    *name = entry ? entry->name : nullptr;
    return entry ? CUDA_SUCCESS : CUDA_ERROR_INVALID_VALUE;
}

SOFTGPU_API cuGetErrorString(CUresult code, const char **text) {
    if (!text) return CUDA_ERROR_INVALID_VALUE;
    const Known *entry = lookup(code);
    *text = entry ? entry->text : nullptr;
    return entry ? CUDA_SUCCESS : CUDA_ERROR_INVALID_VALUE;
}
