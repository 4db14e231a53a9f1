// A context on the software device, and short ways to load, launch and copy.
#pragma once

#include "check.h"
#include "forms.h"
#include "softgpu.h"
#include "softgpu_driver.h"

#include <cstdlib>
#include <cstring>

inline std::string last_error() {
    std::string text(4096, '\0');
    text.resize(static_cast<size_t>(std::min<int64_t>(softgpu_last_error(text.data(), 4096), 4095)));
    return text;
}

#define OK(call)                                                                                                                \
    do {                                                                                                                        \
        CUresult result_ = (call);                                                                                              \
        CHECK(result_ == CUDA_SUCCESS, << #call << " gives " << result_ << ": " << last_error());                               \
    } while (0)

// A context of its own, so that a fault in it harms no other test.
class Device {
public:
    explicit Device(int ordinal = 0) {
        OK(cuInit(0));
        OK(cuCtxCreate_v2(&context, 0, ordinal));
    }
    ~Device() { cuCtxDestroy_v2(context); }
    Device(const Device &) = delete;

    CUmodule load(const std::string &ptx) {
        TestedForms::of_this_program().collect();
        CUmodule module = nullptr;
        OK(cuModuleLoadData(&module, ptx.c_str()));
        return module;
    }
    CUfunction kernel(const std::string &ptx, const char *name = "k") {
        CUfunction function = nullptr;
        if (CUmodule module = load(ptx)) OK(cuModuleGetFunction(&function, module, name));
        TestedForms::of_this_program().watch(name);
        return function;
    }
    template <class T> CUdeviceptr put(const std::vector<T> &values) {
        CUdeviceptr address = 0;
        OK(cuMemAlloc_v2(&address, values.size() * sizeof(T)));
        OK(cuMemcpyHtoD_v2(address, values.data(), values.size() * sizeof(T)));
        return address;
    }
    template <class T> std::vector<T> get(CUdeviceptr address, size_t count) {
        std::vector<T> values(count);
        OK(cuMemcpyDtoH_v2(values.data(), address, count * sizeof(T)));
        return values;
    }
    template <class... A> CUresult launch(CUfunction function, unsigned blocks, unsigned threads, unsigned shared, A... arguments) {
        void *pointers[] = {&arguments..., nullptr};
        return cuLaunchKernel(function, blocks, 1, 1, threads, 1, 1, shared, nullptr, pointers, nullptr);
    }

    CUcontext context = nullptr;
};

inline std::string header(const char *target = "sm_80") {
    return std::string(".version 8.0\n.target ") + target + "\n.address_size 64\n";
}

inline std::vector<std::string> read_lines(const std::string &text) {
    std::vector<std::string> lines;
    std::istringstream in(text);
    for (std::string line; std::getline(in, line);) lines.push_back(line);
    return lines;
}
