package io.leanspike.backend.cuda;

/** Something to put into a stream. */
interface Step {
    void enqueue(CudaStream stream);

    /** Sets memory to zero. */
    record Clear(DeviceMemory memory, long bytes) implements Step {
        @Override
        public void enqueue(CudaStream stream) {
            stream.clear(memory.pointer(), bytes);
        }
    }
}
