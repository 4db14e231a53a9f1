package io.leanspike.backend.cuda;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.leanspike.backend.Backend;
import io.leanspike.backend.BatchRun;
import io.leanspike.backend.KernelCall;
import io.leanspike.backend.KernelChoice;
import io.leanspike.backend.LoadedModel;
import io.leanspike.backend.LoadedModel.Retention;
import io.leanspike.backend.Population;
import io.leanspike.backend.RandomModel;
import io.leanspike.backend.Readers;
import io.leanspike.backend.TokenBatch;
import io.leanspike.backend.reference.ReferenceBackend;
import io.leanspike.model.EncoderWeights;
import io.leanspike.model.ModelConfig;
import java.lang.foreign.Arena;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Totals are exact also where many blocks add to the same one, and however often a pass is run. */
class TotalsTest {
    private static final RandomModel.Shape SHAPE = new RandomModel.Shape(64, 2, 320, 9, 1, 300, 40);
    private static final KernelChoice CHOICE = new KernelChoice("test", 0, "test");
    private static final Population WIDE = new Population(0, Population.Kind.INTERMEDIATE);

    @BeforeEach
    void needsTheSoftwareGpu() {
        Optional<String> absence = CudaDriver.absence(true);
        assumeTrue(absence.isEmpty(), () -> "skipped: " + absence.orElseThrow());
    }

    @Test
    void totalsOfSequencesInSeveralSlicesAgreeWithTheOracleInEveryRunOfAPass() {
        Readers readers = Readers.OF_INTERMEDIATE;
        List<KernelCall> calls = List.of(
                new KernelCall.SpikeCount(WIDE, SHAPE.intermediate(), SHAPE.timesteps(), CHOICE),
                new KernelCall.SynapseCount(0, readers, WIDE, SHAPE.intermediate(), SHAPE.timesteps(), CHOICE));
        ModelConfig config = RandomModel.config(SHAPE, 1, 1, 1, 0);
        try (Arena arena = Arena.ofShared();
                Backend oracle = new ReferenceBackend(1);
                CudaBackend backend = new CudaBackend(List.of(0), true)) {
            EncoderWeights weights = RandomModel.weights(config, 1, arena, List.of(RandomModel.Stored.TERNARY));
            try (LoadedModel expecting = oracle.load(config, weights);
                    LoadedModel model = backend.load(config, weights)) {
                for (Retention retention : Retention.values()) {
                    // The second run finds the first one's graph and what it left in the totals.
                    for (int seed = 1; seed <= 2; seed++) {
                        try (BatchRun expected = run(expecting, seed, retention, calls);
                                BatchRun actual = run(model, seed, retention, calls)) {
                            assertArrayEquals(expected.spikeTotals(WIDE), actual.spikeTotals(WIDE), retention + ", seed " + seed);
                            assertArrayEquals(expected.synapseTotals(WIDE), actual.synapseTotals(WIDE), retention + ", seed " + seed);
                        }
                    }
                }
            }
        }
    }

    private static BatchRun run(LoadedModel model, int seed, Retention retention, List<KernelCall> calls) {
        TokenBatch batch = RandomModel.batch(SHAPE, 1, false);
        BatchRun run = model.begin(batch, retention);
        run.write(WIDE, RandomModel.spikes(batch.rows(), SHAPE.timesteps(), SHAPE.intermediate(), 0.3, seed));
        run.execute(calls);
        return run;
    }

    /** Kernels add: the totals would be the sum of both. */
    @Test
    void countingAPopulationTwiceInOnePassIsRefused() {
        KernelCall call = new KernelCall.SpikeCount(WIDE, SHAPE.intermediate(), SHAPE.timesteps(), CHOICE);
        IllegalArgumentException refused = assertThrows(IllegalArgumentException.class, () -> CudaRun.counted(List.of(call, call)));
        assertTrue(refused.getMessage().contains(WIDE.toString()), refused.getMessage());
    }
}
