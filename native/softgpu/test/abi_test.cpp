// The names a program may ask libcuda.so.1 for: those JCuda binds are there, those without an implementation refuse by name.
#include "device.h"

#include <dlfcn.h>
#include <fstream>
#include <regex>
#include <set>

namespace {

const char *const jcuda_names[] = {
#include "jcuda_names.inc"
};

// The calls behind LeanSpike's own use of JCuda, under the names that JCuda binds.
const char *const names_on_our_path[] = {
    "cuInit", "cuDriverGetVersion", "cuDeviceGet", "cuDeviceGetCount", "cuDeviceGetName", "cuDeviceGetAttribute", "cuDevicePrimaryCtxRetain",
    "cuDevicePrimaryCtxRelease_v2", "cuCtxSetCurrent", "cuModuleLoadData", "cuModuleUnload", "cuModuleGetFunction", "cuFuncGetAttribute",
    "cuFuncSetAttribute", "cuLaunchKernel", "cuMemAlloc_v2", "cuMemFree_v2", "cuMemAllocHost_v2", "cuMemFreeHost", "cuMemcpyHtoD_v2",
    "cuMemcpyHtoDAsync_v2", "cuMemcpyDtoHAsync_v2", "cuMemsetD8Async", "cuStreamCreate", "cuStreamDestroy_v2", "cuStreamSynchronize",
    "cuStreamBeginCapture_v2", "cuStreamEndCapture", "cuGraphInstantiateWithFlags", "cuGraphLaunch", "cuGraphDestroy", "cuGraphExecDestroy",
};

// The names that softgpu_driver.h declares: those are implemented.
std::set<std::string> declared_names() {
    std::ifstream header(SOFTGPU_DRIVER_HEADER);
    std::string text((std::istreambuf_iterator<char>(header)), {});
    std::set<std::string> names;
    std::regex declaration("CUresult (cu[A-Z]\\w*)\\(");
    for (std::sregex_iterator match(text.begin(), text.end(), declaration), end; match != end; ++match) names.insert((*match)[1]);
    return names;
}

} // namespace

TEST("every name that JCuda binds is exported") {
    for (const char *name : jcuda_names) CHECK(dlsym(RTLD_DEFAULT, name), << name);
}

TEST("every call on LeanSpike's path is implemented, under a name that JCuda binds") {
    std::set<std::string> bound(std::begin(jcuda_names), std::end(jcuda_names)), declared = declared_names();
    for (const char *name : names_on_our_path) {
        CHECK(bound.contains(name), << name << " is not what JCuda binds");
        CHECK(declared.contains(name), << name << " is not implemented");
    }
}

TEST("what is declared is exported") {
    std::set<std::string> declared = declared_names();
    CHECK(declared.size() > 100, << declared.size());
    for (const std::string &name : declared) CHECK(dlsym(RTLD_DEFAULT, name.c_str()), << name);
}

TEST("a call without an implementation is an error that names it") {
    std::set<std::string> declared = declared_names();
    for (const char *name : jcuda_names) {
        auto call = reinterpret_cast<CUresult (*)()>(dlsym(RTLD_DEFAULT, name));
        if (declared.contains(name) || !call) continue;
        CUresult result = call();
        CHECK(result == CUDA_ERROR_NOT_SUPPORTED, << name << " gives " << result);
        CHECK(last_error().starts_with(std::string(name) + ": "), << name << " says " << last_error());
    }
}

TEST("a name that nothing is known about is an error that names it") {
    void *address = nullptr;
    int status = -1;
    OK(cuGetProcAddress_v2("cuMemAlloc", &address, 12000, 0, &status));
    CHECK(address == reinterpret_cast<void *>(&cuMemAlloc_v2) && status == 0);
    CHECK(cuGetProcAddress_v2("cuNothing", &address, 12000, 0, &status) == CUDA_ERROR_NOT_FOUND && status == 1 && !address);
    CHECK(last_error().find("cuNothing") != std::string::npos, << last_error());
}

TEST("an attribute or a limit that nothing is known about is an error that names it") {
    Device device;
    CUfunction kernel = device.kernel(header() + ".visible .entry k() { ret; }\n");
    auto named = [](CUresult result, CUresult expected, const char *word) {
        CHECK(result == expected, << result << " for " << word);
        CHECK(last_error().find(word) != std::string::npos, << "'" << word << "' is missing in: " << last_error());
    };
    int value;
    size_t limit;
    for (int which : {0, 119, 147, 900}) named(cuDeviceGetAttribute(&value, which, 0), CUDA_ERROR_INVALID_VALUE, ("attribute " + std::to_string(which)).c_str());
    named(cuFuncGetAttribute(&value, 14, kernel), CUDA_ERROR_INVALID_VALUE, "attribute 14");
    named(cuFuncSetAttribute(kernel, 12, 1), CUDA_ERROR_INVALID_VALUE, "attribute 12");
    named(cuPointerGetAttribute(&value, 77, device.put(std::vector<int>(1))), CUDA_ERROR_NOT_SUPPORTED, "attribute 77");
    named(cuCtxGetLimit(&limit, 55), CUDA_ERROR_UNSUPPORTED_LIMIT, "limit 55");
    named(cuCtxSetLimit(55, 1), CUDA_ERROR_UNSUPPORTED_LIMIT, "limit 55");
    int64_t attribute[9] = {4}; // a cluster's dimensions
    CUlaunchConfig config{1, 1, 1, 1, 1, 1, 0, nullptr, attribute, 1};
    named(cuLaunchKernelEx(&config, kernel, nullptr, nullptr), CUDA_ERROR_NOT_SUPPORTED, "attribute 4");
}

int main() {
    cuInit(0);
    return run_tests();
}
