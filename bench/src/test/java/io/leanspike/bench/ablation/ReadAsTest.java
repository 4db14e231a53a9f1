package io.leanspike.bench.ablation;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import io.leanspike.backend.Backend;
import io.leanspike.backend.LoadedModel;
import io.leanspike.backend.WeightKind;
import io.leanspike.backend.reference.ReferenceBackend;
import io.leanspike.bench.SyntheticBatch;
import io.leanspike.bench.SyntheticModel;
import io.leanspike.eval.InferenceSession;
import io.leanspike.model.ModelConfig;
import io.leanspike.model.SpikingConfig;
import io.leanspike.schedule.CostModel;
import io.leanspike.schedule.Mode;
import io.leanspike.schedule.Planner;
import io.leanspike.schedule.SpikeDensities;
import io.leanspike.schedule.TimestepSchedule;
import io.leanspike.tensor.SpikeTensor;
import java.lang.foreign.Arena;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The rule that the engine has is the one that is called count; the others are what their names say. */
class ReadAsTest {
    private static final ModelConfig CONFIG = new ModelConfig(60, 24, 3, 40, 3, 16, 2, 1e-12, List.of("a", "b"),
            new SpikingConfig(List.of(6, 2, 5), 1, 1, 0.5));

    @ParameterizedTest
    @CsvSource({"PREFIX, 4, 110110, 1101", "PREFIX, 8, 110100, 11010011", "SUFFIX, 4, 110110, 0110", "SUFFIX, 8, 110100, 00110100",
        "COUNT, 3, 110000, 010", "COUNT, 2, 111111, 11", "COUNT, 4, 000000, 0000", "COUNT, 12, 100000, 001000001000"})
    void aRuleReads(ReadingRule rule, int timesteps, String spikes, String expected) {
        try (Arena arena = Arena.ofConfined()) {
            SpikeTensor from = SpikeTensor.allocate(arena, 1, spikes.length(), 1);
            IntStream.range(0, spikes.length()).filter(t -> spikes.charAt(t) == '1').forEach(t -> from.set(0, t, 0));
            SpikeTensor read = rule.read(from, timesteps, arena);
            StringBuilder text = new StringBuilder();
            for (int t = 0; t < timesteps; t++) {
                text.append(read.get(0, t, 0) ? '1' : '0');
            }
            if (rule == ReadingRule.COUNT) {
                assertEquals(expected.chars().filter(c -> c == '1').count(), text.chars().filter(c -> c == '1').count(), text.toString());
            } else {
                assertEquals(expected, text.toString());
            }
        }
    }

    private static double[][] logits(Backend backend, SyntheticModel model) {
        Planner planner = new Planner(CONFIG, model.weights(), new TimestepSchedule(CONFIG.spiking().timesteps()), Mode.SPIKING, 0.5,
                CostModel.DEFAULT, SpikeDensities.TYPICAL, backend);
        try (LoadedModel loaded = backend.load(CONFIG, model.weights())) {
            return new InferenceSession(loaded, planner, model.weights(), backend)
                    .logits(new SyntheticBatch(4, 9).tokens(CONFIG.vocabularySize()));
        }
    }

    @Test
    void countIsWhatTheEngineDoes() {
        try (SyntheticModel model = new SyntheticModel(CONFIG, WeightKind.F32); Backend backend = new ReferenceBackend(1)) {
            double[][] engine = logits(backend, model);
            double[][] count = logits(new ReadAs(ReadingRule.COUNT, backend), model);
            for (int b = 0; b < engine.length; b++) {
                assertArrayEquals(engine[b], count[b]);
            }
            for (ReadingRule other : List.of(ReadingRule.PREFIX, ReadingRule.SUFFIX)) {
                assertFalse(Arrays.deepEquals(engine, logits(new ReadAs(other, backend), model)), other.toString());
            }
        }
    }
}
