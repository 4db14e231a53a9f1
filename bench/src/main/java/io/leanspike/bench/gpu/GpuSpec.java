package io.leanspike.bench.gpu;

/**
 * Published rates of a GPU, for predictions. Per multiprocessor and cycle: products of the matrix units and lanes of the others.
 *
 * <p>Sources: NVIDIA A100 and H100 whitepapers (clock, units, bandwidth), the CUDA C++ programming guide's throughput table (lanes).
 * {@code mma.sync} reaches about 0.63 of the H100's matrix rate (arXiv 2402.13499); one-bit products are listed for the A100 only, and
 * the H100 is given the same rate a multiprocessor.
 *
 * @param megahertz boost clock
 * @param memoryGigabytes a second
 * @param cacheBytes a cycle between second-level cache and all multiprocessors
 * @param halfProducts fp16 multiply-accumulates; 8-bit ones are twice as many
 */
enum GpuSpec {
    A100("A100 SXM 80 GB", 108, 1410, 2039, 5120, 1024, 16_384, 64),
    H100("H100 SXM", 132, 1830, 3350, 5632, 1290, 16_384, 128);

    final String title;
    final int multiprocessors;
    final double megahertz;
    final double memoryGigabytes;
    final double cacheBytes;
    final double halfProducts;
    final double bitProducts;
    final double floatLanes;

    GpuSpec(String title, int multiprocessors, double megahertz, double memoryGigabytes, double cacheBytes, double halfProducts,
            double bitProducts, double floatLanes) {
        this.title = title;
        this.multiprocessors = multiprocessors;
        this.megahertz = megahertz;
        this.memoryGigabytes = memoryGigabytes;
        this.cacheBytes = cacheBytes;
        this.halfProducts = halfProducts;
        this.bitProducts = bitProducts;
        this.floatLanes = floatLanes;
    }

    /** Multiply-accumulates a cycle of one multiprocessor, for a PTX matrix instruction such as {@code mma.sync.aligned.m16n8k16...}. */
    double products(String instruction) {
        if (instruction.contains(".b1")) {
            return bitProducts;
        }
        return instruction.contains(".s8") || instruction.contains(".u8") ? 2 * halfProducts : halfProducts;
    }
}
