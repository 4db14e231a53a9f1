package io.leanspike.backend.cuda;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.leanspike.backend.BatchRun;
import io.leanspike.backend.KernelCall;
import io.leanspike.backend.KernelChoice;
import io.leanspike.backend.LoadedModel;
import io.leanspike.backend.Neuron;
import io.leanspike.backend.Population;
import io.leanspike.backend.RandomModel;
import io.leanspike.model.EncoderWeights;
import io.leanspike.model.ModelConfig;
import java.lang.foreign.Arena;
import java.util.List;
import java.util.Optional;
import jcuda.driver.CUdevice;
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
    private static final RandomModel.Shape SHAPE = new RandomModel.Shape(16, 2, 24, 3, 5);
    private static final KernelCall ENCODE = new KernelCall.SpikeEncode(SHAPE.hidden(), SHAPE.timesteps(),
            new Neuron(1, 1, 0, Neuron.Reset.SOFT), new KernelChoice("test", 0, "test"));

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

    /** Nothing of the context can be freed but itself: it must come to that, whatever else fails on the way. */
    @Test
    void aModelWhoseRunFaultedCanBeClosedAndTheDeviceServesTheNext() {
        ModelConfig config = RandomModel.config(SHAPE, 1, 1, 1, 0);
        try (Arena arena = Arena.ofShared()) {
            EncoderWeights weights = RandomModel.weights(config, 1, arena);
            CudaBackend backend = new CudaBackend(List.of(0), true);
            LoadedModel model = backend.load(config, weights);
            CudaRun run = (CudaRun) model.begin(RandomModel.batch(SHAPE, 1, false), LoadedModel.Retention.NONE);
            BatchRun beside = model.begin(RandomModel.batch(SHAPE, 1, false), LoadedModel.Retention.NONE);
            run.execute(List.of(ENCODE));
            beside.execute(List.of(ENCODE));
            try (CudaDevice same = new CudaDevice(0, true)) {
                DeviceMemory small = new DeviceMemory(64);
                assertThrows(CudaException.class, () -> store(same, run.stream(), new CudaStream.Launch(1, 1, 1, 32, 0), small));
            }
            for (AutoCloseable one : List.of(run, beside, model, backend)) {
                try {
                    one.close();
                } catch (Exception e) {
                    assertInstanceOf(CudaException.class, e);
                }
            }
            try (CudaBackend again = new CudaBackend(List.of(0), true);
                    LoadedModel other = again.load(config, weights);
                    BatchRun after = other.begin(RandomModel.batch(SHAPE, 1, false), LoadedModel.Retention.POPULATIONS)) {
                after.execute(List.of(ENCODE));
                assertEquals(SHAPE.hidden(), after.spikes(Population.EMBEDDING).width());
            }
        }
    }

    @Test
    void aBackendThatCannotBeOpenedAndOneClosedTwiceLeaveTheContextAsItWas() {
        boolean before = isActive();
        assertThrows(UnsupportedOperationException.class, () -> new CudaBackend(List.of(0, 99), true));
        assertEquals(before, isActive());
        try (CudaBackend open = new CudaBackend(List.of(0), true)) {
            CudaBackend closedTwice = new CudaBackend(List.of(0), true);
            closedTwice.close();
            closedTwice.close();
            assertTrue(isActive());
        }
        assertEquals(before, isActive());
    }

    private static boolean isActive() {
        CUdevice device = new CUdevice();
        DriverCall.check(JCudaDriver.cuDeviceGet(device, 0), "cuDeviceGet");
        int[] active = new int[1];
        DriverCall.check(JCudaDriver.cuDevicePrimaryCtxGetState(device, new int[1], active), "cuDevicePrimaryCtxGetState");
        return active[0] != 0;
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
