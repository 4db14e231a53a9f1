package io.leanspike.bench;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.util.Collection;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.results.RunResult;
import org.openjdk.jmh.runner.Runner;
import org.openjdk.jmh.runner.options.ChainedOptionsBuilder;
import org.openjdk.jmh.runner.options.OptionsBuilder;
import org.openjdk.jmh.runner.options.VerboseMode;

/** Each benchmark runs: once, on the smallest shape, without timing anything that matters. */
class BenchmarksTest {

    private static ChainedOptionsBuilder once(Class<?> benchmark) {
        return new OptionsBuilder().include(benchmark.getName() + "\\.").mode(Mode.SingleShotTime).forks(0).warmupIterations(0)
                .measurementIterations(1).shouldFailOnError(true).verbosity(VerboseMode.SILENT).param("threads", "2");
    }

    private static ChainedOptionsBuilder onceSmall(Class<?> benchmark) {
        return once(benchmark).param("shape", "SST2_TINY").param("timesteps", "2").param("sequences", "2").param("length", "3");
    }

    private static void assertRuns(int benchmarks, ChainedOptionsBuilder options) throws Exception {
        Collection<RunResult> results = new Runner(options.build()).run();
        assertEquals(benchmarks, results.size());
    }

    @Test
    void productsRunForEveryProjectionAndDensity() throws Exception {
        assertRuns(5 * Density.values().length, onceSmall(SpikeMatmul.class));
    }

    @Test
    void attentionRunsForEveryDensity() throws Exception {
        assertRuns(Density.values().length, onceSmall(SpikingAttention.class));
    }

    @Test
    void encodingRuns() throws Exception {
        assertRuns(1, onceSmall(SpikeEncode.class));
    }

    @Test
    void theRoofRunsAndIsRight() throws Exception {
        assertRuns(3, onceSmall(SgemmRoof.class));
        try (Sgemm sgemm = new Sgemm(33, 70, 17, 2)) {
            sgemm.multiply();
            assertTrue(sgemm.error() < 1e-4, () -> "off by " + sgemm.error());
        }
    }

    @Test
    void evaluationRunsWithAndWithoutTokenizing(@TempDir Path directory) throws Exception {
        Sst2 sst2 = TinySst2.write(directory);
        assertRuns(2, once(EvaluateSst2.class).param("timesteps", "2")
                .param("model", sst2.model().toString()).param("data", sst2.data().toString()));
    }
}
