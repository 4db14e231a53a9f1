package io.leanspike.backend.cuda;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.util.Optional;
import jcuda.driver.CUfunction;
import jcuda.driver.CUmodule;
import jcuda.driver.CUresult;
import jcuda.driver.JCudaDriver;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What goes wrong on a device is an exception that says in which call, and where: kernel, block, thread, PTX line. */
class DeviceFaultTest {
    /** Thread i stores i at out + 4 i. */
    private static final String STORE = """
            .version 8.0
            .target sm_80
            .address_size 64
            .visible .entry store_ids(.param .u64 out)
            {
                .reg .b64 %d<3>; .reg .b32 %r<2>;
                ld.param.u64 %d0, [out];
                mov.u32 %r0, %tid.x;
                mul.wide.u32 %d1, %r0, 4;
                add.u64 %d0, %d0, %d1;
                st.global.u32 [%d0], %r0;
                ret;
            }
            """;
    private static final int LINE_OF_THE_STORE = 11;

    @BeforeEach
    void needsTheSoftwareGpu() {
        Optional<String> absence = CudaDriver.absence(true);
        assumeTrue(absence.isEmpty(), () -> "skipped: " + absence.orElseThrow());
    }

    /** What the software GPU says, in the exception of the call that heard of it: launches themselves do not wait. */
    @Test
    void aStorePastTheEndNamesKernelBlockThreadLineAndAllocation() {
        CudaException fault = faultOf(64, new CudaStream.Launch(1, 1, 1, 32, 0), false);
        assertEquals(CUresult.CUDA_ERROR_ILLEGAL_ADDRESS, fault.result());
        assertSays(fault, "cuStreamSynchronize failed", "CUDA_ERROR_ILLEGAL_ADDRESS", "kernel store_ids", "block (0,0,0), thread (16,0,0)",
                "PTX line " + LINE_OF_THE_STORE, "out-of-bounds global store of 4 bytes", "the allocation of 64 bytes",
                        "st.global.u32 [%d0], %r0");
    }

    @Test
    void memoryFreedTooEarlyIsNamedAsSuch() {
        CudaException fault = faultOf(128, new CudaStream.Launch(1, 1, 1, 32, 0), true);
        assertSays(fault, "kernel store_ids", "thread (0,0,0)", "inside memory already freed: the allocation of 128 bytes");
    }

    @Test
    void aLaunchThatCannotBeNamesCallKernelAndArguments() {
        CudaException refusal = faultOf(128, new CudaStream.Launch(3, 1, 1, 2048, 16), false);
        assertEquals(CUresult.CUDA_ERROR_INVALID_VALUE, refusal.result());
        assertSays(refusal, "cuLaunchKernel failed for store_ids", "gridX=3", "threads=2048", "sharedBytes=16",
                "a block of 2048 x 1 x 1 threads");
    }

    @Test
    void afterAFaultTheDeviceServesANewContext() {
        faultOf(64, new CudaStream.Launch(1, 1, 1, 32, 0), false);
        try (CudaDevice device = new CudaDevice(0, true)) {
            device.makeCurrent();
            try (CudaStream stream = new CudaStream(); DeviceMemory memory = new DeviceMemory(128)) {
                store(device, stream, new CudaStream.Launch(1, 1, 1, 32, 0), memory);
            }
        }
    }

    private static CudaException faultOf(long bytes, CudaStream.Launch launch, boolean freed) {
        // A fault ends the context, and closing the device makes an end of that: no other test hears of it.
        try (CudaDevice device = new CudaDevice(0, true)) {
            device.makeCurrent();
            try (CudaStream stream = new CudaStream()) {
                DeviceMemory memory = new DeviceMemory(bytes);
                if (freed) {
                    memory.close();
                }
                return assertThrows(CudaException.class, () -> store(device, stream, launch, memory));
            }
        }
    }

    private static void store(CudaDevice device, CudaStream stream, CudaStream.Launch launch, DeviceMemory memory) {
        device.makeCurrent();
        CUmodule module = new CUmodule();
        DriverCall.check(JCudaDriver.cuModuleLoadData(module, (STORE + "\0").getBytes(java.nio.charset.StandardCharsets.US_ASCII)),
                "cuModuleLoadData", "the test's kernel");
        CUfunction function = new CUfunction();
        DriverCall.check(JCudaDriver.cuModuleGetFunction(function, module, "store_ids"), "cuModuleGetFunction", "store_ids");
        stream.launch(function, "store_ids", launch, new KernelArguments().pointer(memory));
        stream.synchronize();
    }

    private static void assertSays(CudaException fault, String... parts) {
        for (String part : parts) {
            assertTrue(fault.getMessage().contains(part), () -> "'%s' is missing in: %s".formatted(part, fault.getMessage()));
        }
    }
}
