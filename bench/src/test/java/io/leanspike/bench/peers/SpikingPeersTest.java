package io.leanspike.bench.peers;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.djl.ndarray.NDManager;
import io.leanspike.backend.Backend;
import io.leanspike.backend.Population;
import io.leanspike.backend.TokenBatch;
import io.leanspike.backend.WeightKind;
import io.leanspike.backend.reference.ReferenceBackend;
import io.leanspike.bench.SyntheticModel;
import io.leanspike.model.ModelConfig;
import io.leanspike.model.SpikingConfig;
import io.leanspike.schedule.SpikeDensities;
import io.leanspike.train.nn.Torch;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The PyTorch peers compute what the float64 oracle computes, on models whose units spike as often as asked. */
class SpikingPeersTest {
    private static final int TIMESTEPS = 5;

    private static ModelConfig tiny(SpikingConfig spiking) {
        return new ModelConfig(50, 24, 3, 40, 2, 16, 2, 1e-12, List.of("a", "b", "c"), spiking);
    }

    private static ModelConfig tiny() {
        return tiny(new SpikingConfig(Collections.nCopies(2, TIMESTEPS), 1, 1, 0));
    }

    private static LogitAgreement withOracle(Entrant entrant, Checkpointed subject) {
        TokenBatch batch = subject.batch(4, 6);
        try (Backend oracle = new ReferenceBackend(1);
                EngineForward expected = new EngineForward(oracle, subject, batch, TIMESTEPS, SpikeDensities.TYPICAL);
                NDManager manager = Torch.manager();
                TorchForward actual = new TorchForward(
                        TorchEncoder.of(manager, subject.config(), subject.weights()), entrant.torchOrder(), batch, TIMESTEPS)) {
            return LogitAgreement.of(expected.logits(), actual.logits());
        }
    }

    @ParameterizedTest
    @CsvSource({"TORCH_LOOP, F32", "TORCH_LOOP, TERNARY", "TORCH_FOLDED, F32", "TORCH_FOLDED, TERNARY", "TORCH_FOLDED, I8",
        "TORCH_FOLDED_ONEDNN, BINARY"})
    void peersAgreeWithTheOracle(Entrant entrant, WeightKind weights) {
        try (SyntheticModel base = new SyntheticModel(tiny(), weights);
                CalibratedModel subject = new CalibratedModel(base, TIMESTEPS, kind -> 0.3)) {
            LogitAgreement agreement = withOracle(entrant, subject);
            assertEquals(agreement.sequences(), agreement.equal(), agreement.toString());
        }
    }

    @ParameterizedTest
    @CsvSource({"TORCH_LOOP", "TORCH_FOLDED"})
    void peersHaveThresholdLeakAndInitialPotential(Entrant entrant) {
        SpikingConfig spiking = new SpikingConfig(Collections.nCopies(2, TIMESTEPS), 0.7, 0.9, 0.25);
        try (SyntheticModel model = new SyntheticModel(tiny(spiking), WeightKind.F32)) {
            LogitAgreement agreement = withOracle(entrant, new SyntheticCheckpoint(model));
            assertEquals(agreement.sequences(), agreement.equal(), agreement.toString());
        }
    }

    /** A comparison that nothing can fail would be none. */
    @Test
    void anotherModelDoesNotAgree() {
        try (SyntheticModel base = new SyntheticModel(tiny(), WeightKind.F32);
                CalibratedModel sparse = new CalibratedModel(base, TIMESTEPS, kind -> 0.1);
                CalibratedModel dense = new CalibratedModel(base, TIMESTEPS, kind -> 0.4);
                Backend oracle = new ReferenceBackend(1);
                EngineForward one = new EngineForward(oracle, sparse, sparse.batch(4, 6), TIMESTEPS, SpikeDensities.TYPICAL);
                EngineForward other = new EngineForward(oracle, dense, dense.batch(4, 6), TIMESTEPS, SpikeDensities.TYPICAL)) {
            LogitAgreement agreement = LogitAgreement.of(one.logits(), other.logits());
            assertEquals(0, agreement.equal(), agreement.toString());
        }
    }

    @ParameterizedTest
    @CsvSource({"0.05, 1", "0.2, 1", "0.2, 4", "0.5, 16"})
    void unitsSpikeAboutAsOftenAsAsked(double density, int timesteps) {
        ModelConfig config = new ModelConfig(500, 96, 4, 160, 2, 64, 2, 1e-12, List.of("a", "b"),
                new SpikingConfig(List.of(1, 1), 1, 1, 0));
        try (SyntheticModel base = new SyntheticModel(config, WeightKind.TERNARY);
                CalibratedModel subject = new CalibratedModel(base, timesteps, kind -> density);
                Backend oracle = new ReferenceBackend(1);
                EngineForward forward = new EngineForward(oracle, subject, subject.batch(2, 32), timesteps, SpikeDensities.TYPICAL)) {
            Map<Population, Double> measured = forward.densities();
            assertEquals(Population.all(2).size(), measured.size());
            double mean = measured.values().stream().mapToDouble(Double::doubleValue).average().orElseThrow();
            assertEquals(density, mean, 0.2 * density + 0.01, measured.toString());
            assertTrue(measured.values().stream().allMatch(share -> share > 0), measured.toString());
        }
    }
}
