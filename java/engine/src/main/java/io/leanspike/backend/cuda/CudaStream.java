package io.leanspike.backend.cuda;

import jcuda.Pointer;
import jcuda.driver.CUdeviceptr;
import jcuda.driver.CUfunction;
import jcuda.driver.CUgraph;
import jcuda.driver.CUstream;
import jcuda.driver.CUstreamCaptureMode;
import jcuda.driver.CUstream_flags;
import jcuda.driver.JCudaDriver;

/** Work in order: copies, launches and graphs. */
final class CudaStream implements Owned.Resource {
    private final CUstream stream = new CUstream();

    CudaStream() {
        DriverCall.check(JCudaDriver.cuStreamCreate(stream, CUstream_flags.CU_STREAM_NON_BLOCKING), "cuStreamCreate");
    }

    /** Blocks, threads a block and dynamic shared memory of a launch. */
    record Launch(int gridX, int gridY, int gridZ, int threads, int sharedBytes) {}

    /** @param arguments the one structure that the kernel takes */
    void launch(CUfunction function, String entry, Launch launch, KernelArguments arguments) {
        DriverCall.check(JCudaDriver.cuLaunchKernel(function, launch.gridX, launch.gridY, launch.gridZ, launch.threads, 1, 1,
                launch.sharedBytes, stream, arguments.pointers(), null), "cuLaunchKernel", entry + " " + launch);
    }

    void copyToDevice(CUdeviceptr to, Pointer from, long bytes) {
        DriverCall.check(JCudaDriver.cuMemcpyHtoDAsync(to, from, bytes, stream), "cuMemcpyHtoDAsync", bytes + " bytes");
    }

    void copyToHost(Pointer to, CUdeviceptr from, long bytes) {
        DriverCall.check(JCudaDriver.cuMemcpyDtoHAsync(to, from, bytes, stream), "cuMemcpyDtoHAsync", bytes + " bytes");
    }

    void clear(CUdeviceptr memory, long bytes) {
        DriverCall.check(JCudaDriver.cuMemsetD8Async(memory, (byte) 0, bytes, stream), "cuMemsetD8Async", bytes + " bytes");
    }

    void record(CudaEvent event) {
        DriverCall.check(JCudaDriver.cuEventRecord(event.handle(), stream), "cuEventRecord");
    }

    void synchronize() {
        DriverCall.check(JCudaDriver.cuStreamSynchronize(stream), "cuStreamSynchronize");
    }

    /** Records what the body puts into the stream, without running it. */
    CudaGraph capture(Runnable body) {
        DriverCall.check(JCudaDriver.cuStreamBeginCapture(stream, CUstreamCaptureMode.CU_STREAM_CAPTURE_MODE_THREAD_LOCAL),
                "cuStreamBeginCapture");
        CUgraph graph = new CUgraph();
        try {
            body.run();
        } finally {
            DriverCall.check(JCudaDriver.cuStreamEndCapture(stream, graph), "cuStreamEndCapture");
        }
        return new CudaGraph(graph);
    }

    void run(CudaGraph graph) {
        DriverCall.check(JCudaDriver.cuGraphLaunch(graph.executable(), stream), "cuGraphLaunch");
    }

    @Override
    public void close() {
        DriverCall.check(JCudaDriver.cuStreamDestroy(stream), "cuStreamDestroy");
    }
}
