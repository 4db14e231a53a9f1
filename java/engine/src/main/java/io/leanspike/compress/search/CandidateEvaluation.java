package io.leanspike.compress.search;

import io.leanspike.backend.Backend;
import io.leanspike.backend.LoadedModel;
import io.leanspike.compress.CompressedModel;
import io.leanspike.eval.Evaluation;
import io.leanspike.eval.Evaluator;
import io.leanspike.eval.InferenceSession;
import io.leanspike.eval.PopulationActivity;
import io.leanspike.eval.Progress;
import io.leanspike.schedule.CostFile;
import io.leanspike.schedule.Mode;
import io.leanspike.schedule.Planner;
import io.leanspike.schedule.SpikeDensities;
import io.leanspike.schedule.TimestepSchedule;
import io.leanspike.text.LengthBatch;
import io.leanspike.text.LengthBatches;
import io.leanspike.text.Tokenizer;
import java.lang.foreign.Arena;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;

/**
 * Runs candidates in memory, one after the other; nothing of one stays when the next begins. The same candidate on the same examples always
 * has the same outcome, latency excepted.
 */
public final class CandidateEvaluation implements AutoCloseable {
    /** Sequences that latency is measured on, at most. */
    private static final int TIMED_SEQUENCES = 128;
    private static final int ROUNDS = 7;

    private final CandidateModels models;
    private final Backend backend;
    private final Tokenizer tokenizer;
    private final int batchSize;
    private Optional<Running> uncompressed = Optional.empty();

    /** A model loaded into the backend. */
    private record Running(Arena arena, CompressedModel model, LoadedModel loaded, InferenceSession session) implements AutoCloseable {
        @Override
        public void close() {
            loaded.close();
            arena.close();
        }
    }

    /** It owns none of what it is given. */
    public CandidateEvaluation(CandidateModels models, Backend backend, Tokenizer tokenizer, int batchSize) {
        this.models = models;
        this.backend = backend;
        this.tokenizer = tokenizer;
        this.batchSize = batchSize;
    }

    /** @param timed whether to measure latency too */
    public Outcome evaluate(Candidate candidate, TaskExamples on, boolean timed) {
        try (Running running = start(candidate)) {
            Evaluation evaluation = new Evaluator(running.session, tokenizer, running.model.config(), batchSize)
                    .evaluate(on.task(), on.examples(), on.encodings(), 0, Progress.SILENT);
            Map<String, Double> densities = new LinkedHashMap<>();
            for (PopulationActivity activity : evaluation.populations()) {
                densities.put(activity.population().toString(), activity.density());
            }
            return new Outcome(evaluation.metrics(), on.examples().size(), evaluation.cost().synapticOperations(),
                    evaluation.cost().joules(), evaluation.cost().denseJoules(), running.model.bytes(), running.model.encoderBytes(),
                    timed ? OptionalDouble.of(latency(running, on)) : OptionalDouble.empty(), densities);
        }
    }

    private Running start(Candidate candidate) {
        Arena arena = Arena.ofShared();
        try {
            CompressedModel model = models.of(candidate, arena);
            Planner planner = planner(model, candidate, backend);
            LoadedModel loaded = backend.load(model.config(), model.weights());
            return new Running(arena, model, loaded, new InferenceSession(loaded, planner, model.weights(), backend));
        } catch (RuntimeException | Error e) {
            arena.close();
            throw e;
        }
    }

    private static Planner planner(CompressedModel model, Candidate candidate, Backend backend) {
        return new Planner(model.config(), model.weights(), new TimestepSchedule(candidate.timesteps()), Mode.SPIKING,
                candidate.initialPotential(), CostFile.load(), SpikeDensities.TYPICAL, backend);
    }

    /**
     * Both models run by turns, so that what slows the machine down slows both; the median over the rounds of the candidate's time over the
     * uncompressed model's in the same round.
     */
    private double latency(Running candidate, TaskExamples on) {
        if (uncompressed.isEmpty()) {
            uncompressed = Optional.of(start(Candidate.uncompressed(models.source().config())));
        }
        List<LengthBatch> batches = LengthBatches.cut(on.encodings().stream().limit(TIMED_SEQUENCES).toList(), batchSize,
                models.source().config()).batches();
        seconds(uncompressed.get(), batches);
        seconds(candidate, batches);
        double[] ratios = new double[ROUNDS];
        for (int round = 0; round < ROUNDS; round++) {
            double whole = seconds(uncompressed.get(), batches);
            ratios[round] = seconds(candidate, batches) / whole;
        }
        Arrays.sort(ratios);
        return ratios[ROUNDS / 2];
    }

    private static double seconds(Running running, List<LengthBatch> batches) {
        long start = System.nanoTime();
        batches.forEach(batch -> running.session.logits(batch.tokens()));
        return (System.nanoTime() - start) * 1e-9;
    }

    @Override
    public void close() {
        uncompressed.ifPresent(Running::close);
        uncompressed = Optional.empty();
    }
}
