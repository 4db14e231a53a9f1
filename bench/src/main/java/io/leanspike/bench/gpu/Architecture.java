package io.leanspike.bench.gpu;

/**
 * What a multiprocessor of an architecture that the kernels are built for can hold (CUDA C++ programming guide, compute capabilities).
 *
 * @see Occupancy
 */
enum Architecture {
    SM_80(164 * 1024, 2048, 32),
    SM_90(228 * 1024, 2048, 32),
    SM_100(228 * 1024, 2048, 32),
    SM_120(100 * 1024, 1536, 24);

    static final int REGISTERS = 65_536;

    final int sharedBytes;
    final int threads;
    final int blocks;

    Architecture(int sharedBytes, int threads, int blocks) {
        this.sharedBytes = sharedBytes;
        this.threads = threads;
        this.blocks = blocks;
    }

    /** As kernels.json and cubins name it. */
    @Override
    public String toString() {
        return name().toLowerCase(java.util.Locale.ROOT);
    }
}
