#include "context.hpp"

#include <algorithm>
#include <cstring>

#include "cpu_features.hpp"
#include "validation.hpp"

namespace leanspike {
namespace {

thread_local std::string error_text;

} // namespace

const std::string &last_error() { return error_text; }

int32_t fail(int32_t status, const char *function, const char *text) noexcept {
    try {
        error_text = std::string("leanspike_") + function + ": " + text;
    } catch (...) {
        error_text.clear(); // no memory for the text: the status still tells
    }
    return status;
}

int32_t copy_text(const std::string &text, char *out, int32_t capacity) {
    if (out != nullptr && capacity > 0) {
        const size_t bytes = std::min(text.size(), static_cast<size_t>(capacity) - 1);
        std::memcpy(out, text.data(), bytes);
        out[bytes] = '\0';
    }
    return static_cast<int32_t>(text.size());
}

} // namespace leanspike

using namespace leanspike;

extern "C" int32_t leanspike_context_create(int32_t threads, int32_t variant, leanspike_context **context) {
    return guarded("context_create", [&] {
        require_pointer(context, "context");
        *context = nullptr;
        if (threads < 1 || threads > 1024) reject("threads", "is " + std::to_string(threads) + ", must be in 1 .. 1024");
        if (variant < LEANSPIKE_VARIANT_BEST || variant > LEANSPIKE_VARIANT_AVX512_VPOPCNTDQ)
            reject("variant", "is " + std::to_string(variant) + ", must be LEANSPIKE_VARIANT_BEST .. LEANSPIKE_VARIANT_AVX512_VPOPCNTDQ");
        int32_t chosen = variant;
        if (variant == LEANSPIKE_VARIANT_BEST)
            for (chosen = LEANSPIKE_VARIANT_AVX512_VPOPCNTDQ; find_kernels(chosen) == nullptr;) --chosen; // scalar is always there
        const kernel_table *kernels = find_kernels(chosen);
        if (kernels == nullptr)
            throw Failure(LEANSPIKE_UNSUPPORTED, "variant " + std::to_string(variant) + " does not run here; CPU features: " + cpu_features());
        *context = new leanspike_context(threads, chosen, *kernels);
    });
}

extern "C" int32_t leanspike_context_destroy(leanspike_context *context) {
    return guarded("context_destroy", [&] {
        require_pointer(context, "context");
        delete context;
    });
}

extern "C" int32_t leanspike_context_variant(const leanspike_context *context, int32_t *variant) {
    return guarded("context_variant", [&] {
        require_pointer(context, "context");
        require_pointer(variant, "variant");
        *variant = context->variant;
    });
}
