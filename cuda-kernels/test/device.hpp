// The CUDA driver API, as little of it as the kernel tests need: a context, modules from PTX, memory, launches.
#pragma once
#include <cuda.h>

#include <cstdint>
#include <fstream>
#include <map>
#include <sstream>
#include <stdexcept>
#include <string>
#include <vector>

inline void check(CUresult result, const std::string& what) {
    if (result == CUDA_SUCCESS) return;
    const char *name = nullptr, *text = nullptr;
    cuGetErrorName(result, &name);
    cuGetErrorString(result, &text);
    throw std::runtime_error(what + ": " + (name ? name : "unknown error") + ": " + (text ? text : ""));
}

template <class T>
class Buffer {
public:
    explicit Buffer(size_t count) : count_(count) { check(cuMemAlloc(&pointer_, bytes()), "cuMemAlloc"); }
    explicit Buffer(const std::vector<T>& values) : Buffer(values.size()) { check(cuMemcpyHtoD(pointer_, values.data(), bytes()), "cuMemcpyHtoD"); }
    Buffer(const Buffer&) = delete;
    Buffer& operator=(const Buffer&) = delete;
    ~Buffer() { cuMemFree(pointer_); }

    void fill(uint8_t byte) { check(cuMemsetD8(pointer_, byte, bytes()), "cuMemsetD8"); }
    std::vector<T> read() const {
        std::vector<T> values(count_);
        check(cuMemcpyDtoH(values.data(), pointer_, bytes()), "cuMemcpyDtoH");
        return values;
    }
    // The address in the form the kernels' parameter structures hold.
    T* get() const { return reinterpret_cast<T*>(pointer_); }

private:
    size_t bytes() const { return (count_ ? count_ : 1) * sizeof(T); }
    CUdeviceptr pointer_ = 0;
    size_t count_;
};

struct Grid {
    unsigned x = 1, y = 1, z = 1;
};

class Device {
public:
    explicit Device(std::string kernels) : kernels_(std::move(kernels)) {
        check(cuInit(0), "cuInit");
        CUdevice device;
        check(cuDeviceGet(&device, 0), "cuDeviceGet");
        check(cuDevicePrimaryCtxRetain(&context_, device), "cuDevicePrimaryCtxRetain");
        check(cuCtxSetCurrent(context_), "cuCtxSetCurrent");
        int shared = 0;
        check(cuDeviceGetAttribute(&shared, CU_DEVICE_ATTRIBUTE_MAX_SHARED_MEMORY_PER_BLOCK_OPTIN, device), "cuDeviceGetAttribute");
        shared_limit = size_t(shared);
    }

    // Launches entry of <file>.ptx with one parameter structure and waits.
    template <class Args>
    void launch(const std::string& file, const std::string& entry, Grid grid, unsigned threads, size_t shared, Args args) {
        CUfunction function = function_of(file, entry);
        if (shared > 48 * 1024)
            check(cuFuncSetAttribute(function, CU_FUNC_ATTRIBUTE_MAX_DYNAMIC_SHARED_SIZE_BYTES, int(shared)), "shared memory of " + entry);
        void* parameters[] = {&args};
        check(cuLaunchKernel(function, grid.x, grid.y, grid.z, threads, 1, 1, unsigned(shared), nullptr, parameters, nullptr), "launch of " + entry);
        check(cuCtxSynchronize(), entry);
    }

    size_t shared_limit = 0;

private:
    CUfunction function_of(const std::string& file, const std::string& entry) {
        auto [place, fresh] = modules_.try_emplace(file);
        if (fresh) {
            std::ifstream in(kernels_ + "/" + file + ".ptx");
            if (!in) throw std::runtime_error("no " + file + ".ptx in " + kernels_);
            std::stringstream text;
            text << in.rdbuf();
            check(cuModuleLoadData(&place->second, text.str().c_str()), "module " + file);
        }
        CUfunction function;
        check(cuModuleGetFunction(&function, place->second, entry.c_str()), "function " + entry);
        return function;
    }

    std::string kernels_;
    CUcontext context_ = nullptr;
    std::map<std::string, CUmodule> modules_;
};
