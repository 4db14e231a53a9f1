package io.leanspike.bench.gpu;

import io.leanspike.bench.Spread;
import io.leanspike.bench.gpu.CuBlas.Precision;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.SplittableRandom;

/** What the device gives at most: bytes a second of a copy, and products a second of a large dense product. */
record Ceilings(GpuDriver driver, Optional<CuBlas> blas, Sampling sampling, long copyBytes, int square) {

    /** By name: {@code copy GB/s} (read and written), {@code fp16 TMAC/s}, {@code int8 TMAC/s}. */
    Map<String, Spread> measure() {
        Map<String, Spread> ceilings = new LinkedHashMap<>();
        long from = driver.allocate(copyBytes);
        long to = driver.allocate(copyBytes);
        ceilings.put("copy GB/s", sampling.of(() -> 2e-6 * copyBytes / driver.milliseconds(() -> driver.copy(to, from, copyBytes))));
        blas.ifPresent(library -> {
            library.use(driver);
            long result = driver.allocate((long) square * square * 4);
            for (Precision precision : Precision.values()) {
                long operand = driver.allocate((long) square * square * precision.operandBytes, precision.uniform(new SplittableRandom(square)));
                ceilings.put(precision.name().toLowerCase(java.util.Locale.ROOT) + " TMAC/s", sampling.of(() -> 1e-9 * square * square * square
                        / driver.milliseconds(() -> library.multiply(precision, square, square, square, operand, operand, result))));
            }
        });
        return ceilings;
    }
}
