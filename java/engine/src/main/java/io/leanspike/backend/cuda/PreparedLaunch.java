package io.leanspike.backend.cuda;

import jcuda.driver.CUfunction;

/** A launch with all its arguments, ready to be put into a stream or a graph. */
record PreparedLaunch(CUfunction function, String entry, CudaStream.Launch launch, KernelArguments arguments) implements Step {
    @Override
    public void enqueue(CudaStream stream) {
        stream.launch(function, entry, launch, arguments);
    }
}
