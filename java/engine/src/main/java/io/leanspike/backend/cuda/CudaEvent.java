package io.leanspike.backend.cuda;

import jcuda.driver.CUevent;
import jcuda.driver.CUevent_flags;
import jcuda.driver.JCudaDriver;

/** A mark in a stream that knows when the device passed it. */
final class CudaEvent implements AutoCloseable {
    private final CUevent event = new CUevent();

    CudaEvent() {
        DriverCall.check(JCudaDriver.cuEventCreate(event, CUevent_flags.CU_EVENT_DEFAULT), "cuEventCreate");
    }

    CUevent handle() {
        return event;
    }

    /** Waits until the device has passed this event, and answers the time since the earlier one. */
    float millisecondsSince(CudaEvent earlier) {
        float[] milliseconds = new float[1];
        DriverCall.check(JCudaDriver.cuEventSynchronize(event), "cuEventSynchronize");
        DriverCall.check(JCudaDriver.cuEventElapsedTime(milliseconds, earlier.event, event), "cuEventElapsedTime");
        return milliseconds[0];
    }

    @Override
    public void close() {
        DriverCall.check(JCudaDriver.cuEventDestroy(event), "cuEventDestroy");
    }
}
