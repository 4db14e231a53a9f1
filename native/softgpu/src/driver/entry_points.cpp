// cuGetProcAddress: the newest version of a call that this library exports.
#include "driver.h"

#include <dlfcn.h>

using namespace softgpu;

namespace {

void *exported(const std::string &name) {
    static void *self = [] {
        Dl_info info{};
        dladdr(reinterpret_cast<void *>(&cuInit), &info);
        return dlopen(info.dli_fname, RTLD_LAZY | RTLD_NOLOAD);
    }();
    return self ? dlsym(self, name.c_str()) : nullptr;
}

} // namespace

SOFTGPU_API cuGetProcAddress_v2(const char *symbol, void **address, int, uint64_t, int *status) {
    return attempt("cuGetProcAddress", [&] {
        given(symbol, "symbol");
        given(address, "address") = nullptr;
        for (const char *version : {"_v3", "_v2", ""})
            if (!*address) *address = exported(symbol + std::string(version));
        if (status) *status = *address ? 0 : 1; // found, or not
        if (!*address) fail(CUDA_ERROR_NOT_FOUND, std::string("the software GPU has no call ") + symbol);
    });
}
SOFTGPU_API cuGetProcAddress(const char *symbol, void **address, int version, uint64_t flags) {
    return cuGetProcAddress_v2(symbol, address, version, flags, nullptr);
}
