package io.leanspike.bench.gpu;

import java.util.EnumMap;
import java.util.Map;

/**
 * The time that counts and published rates predict for a kernel: every unit works at its full rate, all of them at once, and the slowest is
 * the bound. What a multiprocessor does is spread over the blocks; the last, partly filled round of blocks counts as a full one. A PTX
 * instruction is taken as one machine instruction, register moves as none. Latency that nothing hides and launch gaps are not in it, so a
 * real device is slower, never faster but by what the assembler saves.
 */
record Roofline(double microseconds, Bound bound) {

    /** What a kernel can wait for. */
    enum Bound {
        ISSUE("issue"),
        INTEGER("integer units"),
        FLOAT("float units"),
        CONVERSION("conversion units"),
        MATRIX("matrix units"),
        SHARED("shared memory"),
        CACHE("L2 bandwidth"),
        MEMORY("memory bandwidth");

        private final String text;

        Bound(String text) {
            this.text = text;
        }

        @Override
        public String toString() {
            return text;
        }
    }

    /** Warp instructions that a multiprocessor issues in a cycle, and lanes of its units. */
    private static final double ISSUED = 4;
    private static final double INTEGER_LANES = 64;
    private static final double CONVERSION_LANES = 16;
    private static final double WARP = 32;
    /** Bytes a cycle that one multiprocessor takes from the second-level cache. */
    private static final double PORT_BYTES = 64;

    static Roofline of(GpuSpec gpu, KernelCounters counted) {
        Map<Bound, Double> cycles = new EnumMap<>(Bound.class);
        double blocks = counted.blocks();
        // Cycles of one multiprocessor's units, times what the fullest multiprocessor has.
        double share = Math.ceil(blocks / gpu.multiprocessors) / blocks;
        double moves = counted.instructions("move");
        cycles.put(Bound.ISSUE, share * (counted.instructions() - moves) / ISSUED);
        cycles.put(Bound.INTEGER, share * WARP / INTEGER_LANES * (counted.instructions("integer") + counted.instructions("compare")));
        cycles.put(Bound.FLOAT, share * WARP / gpu.floatLanes * (counted.instructions("float") + counted.instructions("half")));
        cycles.put(Bound.CONVERSION, share * WARP / CONVERSION_LANES * counted.instructions("conversion"));
        cycles.put(Bound.MATRIX, share * counted.matrixShapes().entrySet().stream()
                .mapToDouble(kind -> kind.getValue() * MatrixShape.of(kind.getKey()).products() / gpu.products(kind.getKey())).sum());
        cycles.put(Bound.SHARED, share * counted.sharedPasses());
        cycles.put(Bound.CACHE, Math.max(counted.cacheBytes() / gpu.cacheBytes, share * counted.cacheBytes() / PORT_BYTES));
        cycles.put(Bound.MEMORY, counted.memoryBytes() / (gpu.memoryGigabytes * 1e9) * gpu.megahertz * 1e6);
        Map.Entry<Bound, Double> slowest = cycles.entrySet().stream().max(Map.Entry.comparingByValue()).orElseThrow();
        return new Roofline(slowest.getValue() / gpu.megahertz, slowest.getKey());
    }
}
