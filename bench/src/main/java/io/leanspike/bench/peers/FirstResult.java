package io.leanspike.bench.peers;

import io.leanspike.bench.Spread;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** From the start of the command to the end of its first answer: {@code leanspike classify} with the shipped model, launcher included. */
final class FirstResult {
    private static final String SENTENCE = "A warm, funny and surprisingly moving film.";

    private FirstResult() {}

    /**
     * Seconds. A first run is not counted: it fills the file cache, and builds what is not built.
     *
     * @throws IllegalStateException when the command fails
     */
    static Spread measure(Path launcher, int runs) {
        List<Double> seconds = new ArrayList<>();
        for (int run = -1; run < runs; run++) {
            ChildProcess child = ChildProcess.run(List.of("sh", launcher.toString(), "classify", SENTENCE));
            if (child.exitCode() != 0) {
                throw new IllegalStateException("%s classify ended with %d: %s".formatted(launcher, child.exitCode(), child.output()));
            }
            if (run >= 0) {
                seconds.add(child.seconds());
            }
        }
        return Spread.of(seconds.stream().mapToDouble(Double::doubleValue).toArray());
    }
}
