package io.leanspike.backend.cuda;

import io.leanspike.backend.Holders;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.Map;
import jcuda.driver.CUcontext;
import jcuda.driver.CUdevice;
import jcuda.driver.CUdevice_attribute;
import jcuda.driver.CUfunction;
import jcuda.driver.CUfunction_attribute;
import jcuda.driver.CUmodule;
import jcuda.driver.JCudaDriver;

/**
 * One device: its properties, its primary context and the modules loaded into it. The backend that made it and every model on it hold it;
 * the last to close gives the context back.
 */
final class CudaDevice implements Owned.Resource {
    private final Holders holders = new Holders();
    private final CUdevice device = new CUdevice();
    private final CUcontext context = new CUcontext();
    private final boolean software;
    private final String name;
    private final int architecture;
    private final int multiprocessors;
    private final int sharedBytesPerBlock;
    private final int secondLevelCacheBytes;
    private final Map<String, CUmodule> modules = new HashMap<>();
    private final Map<String, CUfunction> functions = new HashMap<>();

    CudaDevice(int ordinal, boolean software) {
        this.software = software;
        DriverCall.check(JCudaDriver.cuDeviceGet(device, ordinal), "cuDeviceGet", "device " + ordinal);
        byte[] text = new byte[256];
        DriverCall.check(JCudaDriver.cuDeviceGetName(text, text.length, device), "cuDeviceGetName");
        name = new String(text, StandardCharsets.UTF_8).split("\0", 2)[0];
        architecture = 10 * attribute(CUdevice_attribute.CU_DEVICE_ATTRIBUTE_COMPUTE_CAPABILITY_MAJOR)
                + attribute(CUdevice_attribute.CU_DEVICE_ATTRIBUTE_COMPUTE_CAPABILITY_MINOR);
        multiprocessors = attribute(CUdevice_attribute.CU_DEVICE_ATTRIBUTE_MULTIPROCESSOR_COUNT);
        sharedBytesPerBlock = attribute(CUdevice_attribute.CU_DEVICE_ATTRIBUTE_MAX_SHARED_MEMORY_PER_BLOCK_OPTIN);
        secondLevelCacheBytes = attribute(CUdevice_attribute.CU_DEVICE_ATTRIBUTE_L2_CACHE_SIZE);
        DriverCall.check(JCudaDriver.cuDevicePrimaryCtxRetain(context, device), "cuDevicePrimaryCtxRetain", name);
    }

    /** One more holder. @throws IllegalStateException when the last has closed */
    CudaDevice retain() {
        holders.join("the backend");
        return this;
    }

    private int attribute(int which) {
        int[] value = new int[1];
        DriverCall.check(JCudaDriver.cuDeviceGetAttribute(value, which, device), "cuDeviceGetAttribute",
                CUdevice_attribute.stringFor(which));
        return value[0];
    }

    /** In words, with what it is where it is no GPU. */
    String describe() {
        return name + " (sm_" + architecture + ")" + (software && !name.contains("software") ? ", software GPU" : "");
    }

    int architecture() {
        return architecture;
    }

    int multiprocessors() {
        return multiprocessors;
    }

    /** Dynamic shared memory that a block may ask for. */
    int sharedBytesPerBlock() {
        return sharedBytesPerBlock;
    }

    int secondLevelCacheBytes() {
        return secondLevelCacheBytes;
    }

    /**
     * Makes this device the calling thread's. Every entry from Java does so first: threads come and go, and the driver's current context
     * is theirs.
     */
    void makeCurrent() {
        DriverCall.check(JCudaDriver.cuCtxSetCurrent(context), "cuCtxSetCurrent", name);
    }

    /** A kernel of a module, allowed all the shared memory a block may have. */
    synchronized CUfunction function(String module, String entry) {
        return functions.computeIfAbsent(entry, ignored -> {
            CUfunction function = new CUfunction();
            DriverCall.check(JCudaDriver.cuModuleGetFunction(function, module(module), entry), "cuModuleGetFunction", entry);
            DriverCall.check(JCudaDriver.cuFuncSetAttribute(function,
                    CUfunction_attribute.CU_FUNC_ATTRIBUTE_MAX_DYNAMIC_SHARED_SIZE_BYTES, sharedBytesPerBlock - staticShared(function)),
                    "cuFuncSetAttribute", entry);
            return function;
        });
    }

    private static int staticShared(CUfunction function) {
        int[] bytes = new int[1];
        DriverCall.check(JCudaDriver.cuFuncGetAttribute(bytes, CUfunction_attribute.CU_FUNC_ATTRIBUTE_SHARED_SIZE_BYTES, function),
                "cuFuncGetAttribute");
        return bytes[0];
    }

    private CUmodule module(String name) {
        return modules.computeIfAbsent(name, ignored -> {
            CUmodule module = new CUmodule();
            DriverCall.check(JCudaDriver.cuModuleLoadData(module, KernelImages.image(name, architecture, software)),
                    "cuModuleLoadData", name);
            return module;
        });
    }

    @Override
    public void close() {
        holders.leave(this::giveBack);
    }

    private synchronized void giveBack() {
        try {
            makeCurrent();
            functions.clear();
            modules.forEach((name, module) -> DriverCall.check(JCudaDriver.cuModuleUnload(module), "cuModuleUnload", name));
            modules.clear();
        } finally {
            // After a fault nothing but this works, and only this makes the device serve again.
            DriverCall.check(JCudaDriver.cuDevicePrimaryCtxRelease(device), "cuDevicePrimaryCtxRelease", name);
        }
    }
}
