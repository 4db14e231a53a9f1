package io.leanspike.bench.gpu;

import io.leanspike.bench.Spread;
import java.util.function.DoubleSupplier;

/**
 * How often something is measured.
 *
 * @param warmUps measurements that are made first and forgotten
 */
record Sampling(int warmUps, int samples) {

    Spread of(DoubleSupplier measurement) {
        for (int i = 0; i < warmUps; i++) {
            measurement.getAsDouble();
        }
        double[] values = new double[samples];
        for (int i = 0; i < samples; i++) {
            values[i] = measurement.getAsDouble();
        }
        return Spread.of(values);
    }
}
