// Modules: PTX text is parsed, its variables get memory, and every kernel is decoded at once, so that an error in any of them
// shows here and not at a launch.
#include "../decode/build.h"
#include "../ptx/error.h"
#include "driver.h"

#include <cstring>
#include <fstream>
#include <sstream>

using namespace softgpu;

namespace {

// The caller's buffers for messages of the translation.
struct Log {
    char *buffer = nullptr;
    std::size_t size = 0;
    void **size_value = nullptr;

    void write(const std::string &text) const {
        if (!buffer || !size) return;
        std::size_t length = std::min(text.size(), size - 1);
        std::memcpy(buffer, text.data(), length);
        buffer[length] = 0;
        if (size_value) *size_value = reinterpret_cast<void *>(length + 1);
    }
};

Log log_of(unsigned count, const int *options, void **values, int buffer_option, int size_option) {
    Log log;
    for (unsigned i = 0; i < count; i++) {
        if (options[i] == buffer_option) log.buffer = static_cast<char *>(values[i]);
        if (options[i] == size_option) {
            log.size = static_cast<std::size_t>(reinterpret_cast<uintptr_t>(values[i]) & 0xffffffffu);
            log.size_value = &values[i];
        }
    }
    return log;
}

void refuse_binaries(const void *image) {
    uint32_t magic;
    std::memcpy(&magic, image, 4);
    constexpr uint32_t elf = 0x464c457fu, fat_binary = 0xba55ed50u, fat_wrapper = 0x466243b1u;
    if (magic == elf) fail(CUDA_ERROR_NO_BINARY_FOR_GPU, "a cubin cannot run on the software GPU: load its PTX");
    if (magic == fat_binary || magic == fat_wrapper) fail(CUDA_ERROR_NO_BINARY_FOR_GPU, "a fat binary cannot run on the software GPU: load its PTX");
}

void allocate_variables(Module &module, Heap &heap) {
    module.addresses.assign(module.syntax.variables.size(), 0);
    std::map<std::string, std::size_t> by_name;
    for (std::size_t i = 0; i < module.syntax.variables.size(); i++) {
        const Variable &variable = module.syntax.variables[i];
        if (variable.space != Space::Global && variable.space != Space::Const) continue;
        if (variable.is_extern && variable.initial.empty()) throw PtxError(0, "the external variable '" + variable.name + "' is not defined", true);
        module.addresses[i] = heap.allocate(std::max<uint64_t>(variable.bytes, 1), Origin::Module);
        if (!module.addresses[i]) fail(CUDA_ERROR_OUT_OF_MEMORY, "no memory for the variable '" + variable.name + "'");
        heap.define(module.addresses[i], variable.bytes); // static variables start as zero
        by_name[variable.name] = i;
    }
    for (std::size_t i = 0; i < module.addresses.size(); i++) {
        const Variable &variable = module.syntax.variables[i];
        if (!module.addresses[i] || variable.initial.empty()) continue;
        uint8_t *host = heap.host_pointer(module.addresses[i], variable.bytes);
        std::memcpy(host, variable.initial.data(), variable.initial.size());
        for (const Relocation &relocation : variable.relocations) {
            auto to = by_name.find(relocation.symbol);
            if (to == by_name.end()) throw PtxError(0, "the initial value of '" + variable.name + "' names '" + relocation.symbol + "', which is no variable", true);
            uint64_t address = module.addresses[to->second] + static_cast<uint64_t>(relocation.addend);
            std::memcpy(host + relocation.offset, &address, 8);
        }
    }
}

void release(Module &module, Heap &heap) {
    for (uint64_t address : module.addresses)
        if (address) heap.release(address);
    for (auto &[name, function] : module.functions) driver().functions.remove(function);
}

int digits(const std::string &text) {
    int value = 0;
    for (char c : text)
        if (c >= '0' && c <= '9') value = value * 10 + (c - '0');
    return value;
}

void load(CUmodule *out, const void *image, unsigned count, int *options, void **values) {
    Context &context = current_context();
    given(out, "module");
    refuse_binaries(&given(static_cast<const char *>(image), "image"));
    CUmodule handle = driver().modules.add();
    Module &module = module_of(handle);
    module.context = context.handle;
    try {
        module.syntax = parse_module(static_cast<const char *>(image));
        if (int target = digits(module.syntax.target); target > context.device->arch->capability)
            fail(CUDA_ERROR_NO_BINARY_FOR_GPU, "the module is for " + module.syntax.target + ", the device is sm_" + std::to_string(context.device->arch->capability));
        allocate_variables(module, *context.device->heap);
        for (const Routine &routine : module.syntax.routines) {
            if (!routine.is_entry || !routine.has_body) continue;
            CUfunction function = driver().functions.add();
            module.functions[routine.name] = function;
            Function &f = function_of(function);
            f.module = handle;
            f.context = context.handle;
            f.program = build_program(module.syntax, ModuleAddresses{module.addresses}, routine);
        }
    } catch (const PtxError &error) {
        release(module, *context.device->heap);
        driver().modules.remove(handle);
        if (count && options && values) log_of(count, options, values, CU_JIT_ERROR_LOG_BUFFER, CU_JIT_ERROR_LOG_BUFFER_SIZE_BYTES).write(error.what());
        fail(error.unsupported ? CUDA_ERROR_UNSUPPORTED_PTX_VERSION : CUDA_ERROR_INVALID_PTX, error.what());
    } catch (...) {
        release(module, *context.device->heap);
        driver().modules.remove(handle);
        throw;
    }
    if (count && options && values) log_of(count, options, values, CU_JIT_INFO_LOG_BUFFER, CU_JIT_INFO_LOG_BUFFER_SIZE_BYTES).write("");
    *out = handle;
}

} // namespace

SOFTGPU_API cuModuleLoadData(CUmodule *module, const void *image) {
    return entry("cuModuleLoadData", [&] { load(module, image, 0, nullptr, nullptr); });
}
SOFTGPU_API cuModuleLoadDataEx(CUmodule *module, const void *image, unsigned int count, int *options, void **values) {
    return entry("cuModuleLoadDataEx", [&] { load(module, image, count, options, values); });
}
SOFTGPU_API cuModuleLoadFatBinary(CUmodule *, const void *) {
    return entry("cuModuleLoadFatBinary", [&] { fail(CUDA_ERROR_NO_BINARY_FOR_GPU, "a fat binary cannot run on the software GPU: load its PTX"); });
}
SOFTGPU_API cuModuleLoad(CUmodule *module, const char *path) {
    return entry("cuModuleLoad", [&] {
        std::ifstream file(&given(path, "path"), std::ios::binary);
        if (!file) fail(CUDA_ERROR_FILE_NOT_FOUND, std::string("cannot open ") + path);
        std::ostringstream text;
        text << file.rdbuf();
        load(module, text.str().c_str(), 0, nullptr, nullptr);
    });
}
SOFTGPU_API cuModuleUnload(CUmodule handle) {
    return entry("cuModuleUnload", [&] {
        Module &module = module_of(handle);
        release(module, *context_of(module.context).device->heap);
        driver().modules.remove(handle);
    });
}
SOFTGPU_API cuModuleGetFunction(CUfunction *function, CUmodule handle, const char *name) {
    return entry("cuModuleGetFunction", [&] {
        Module &module = module_of(handle);
        auto found = module.functions.find(std::string_view(&given(name, "name")));
        if (found == module.functions.end()) fail(CUDA_ERROR_NOT_FOUND, std::string("the module has no kernel '") + name + "'");
        given(function, "function") = found->second;
    });
}
SOFTGPU_API cuModuleGetGlobal_v2(CUdeviceptr *address, size_t *bytes, CUmodule handle, const char *name) {
    return entry("cuModuleGetGlobal", [&] {
        Module &module = module_of(handle);
        given(name, "name");
        for (std::size_t i = 0; i < module.addresses.size(); i++) {
            const Variable &variable = module.syntax.variables[i];
            if (!module.addresses[i] || variable.name != name) continue;
            if (address) *address = module.addresses[i];
            if (bytes) *bytes = variable.bytes;
            return;
        }
        fail(CUDA_ERROR_NOT_FOUND, std::string("the module has no variable '") + name + "'");
    });
}
SOFTGPU_API cuModuleGetLoadingMode(int *mode) {
    return entry("cuModuleGetLoadingMode", [&] { given(mode, "mode") = 1; }); // eager
}
