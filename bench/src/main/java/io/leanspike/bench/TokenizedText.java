package io.leanspike.bench;

import io.leanspike.BackendSelection;
import io.leanspike.backend.Backend;
import io.leanspike.backend.BatchRun;
import io.leanspike.backend.LoadedModel;
import io.leanspike.backend.LoadedModel.Retention;
import io.leanspike.backend.TokenBatch;
import io.leanspike.eval.InferenceSession;
import io.leanspike.model.Checkpoint;
import io.leanspike.model.ModelConfig;
import io.leanspike.schedule.BatchShape;
import io.leanspike.schedule.CostFile;
import io.leanspike.schedule.ExecutionPlan;
import io.leanspike.schedule.Mode;
import io.leanspike.schedule.Planner;
import io.leanspike.schedule.SpikeDensities;
import io.leanspike.schedule.TimestepSchedule;
import io.leanspike.text.GlueExample;
import io.leanspike.text.LengthBatch;
import io.leanspike.text.LengthBatches;
import io.leanspike.text.Tokenizer;
import java.util.List;

/** A loaded model beside its text as token batches: forward passes without tokenizing. */
final class TokenizedText implements AutoCloseable {
    private final Checkpoint checkpoint;
    private final Backend backend;
    private final LoadedModel loaded;
    private final Planner planner;
    private final List<LengthBatch> batches;

    private TokenizedText(Checkpoint checkpoint, Backend backend, LoadedModel loaded, Planner planner, List<LengthBatch> batches) {
        this.checkpoint = checkpoint;
        this.backend = backend;
        this.loaded = loaded;
        this.planner = planner;
        this.batches = batches;
    }

    /** @throws io.leanspike.error.InvalidInputException when the model or the text is not as it must be */
    static TokenizedText open(Sst2 sst2, String backendName, int threads, int batchSize, int timesteps) {
        Checkpoint checkpoint = Checkpoint.open(sst2.model());
        try {
            ModelConfig config = checkpoint.config();
            List<LengthBatch> batches;
            try (Tokenizer tokenizer = Tokenizer.open(sst2.model(), config.maxPositions(), config.vocabularySize())) {
                batches = LengthBatches.cut(
                        tokenizer.encode(sst2.examples().stream().map(GlueExample::input).toList()), batchSize, config).batches();
            }
            Backend backend = BackendSelection.open(backendName, "auto", threads).backend();
            Planner planner = new Planner(config, checkpoint.weights(), TimestepSchedule.uniform(timesteps, config.hiddenLayers()),
                    Mode.SPIKING, config.spiking().initialPotential(), CostFile.load(),
                    SpikeDensities.TYPICAL, backend);
            return new TokenizedText(checkpoint, backend, backend.load(config, checkpoint.weights()), planner, batches);
        } catch (RuntimeException | Error e) {
            checkpoint.close();
            throw e;
        }
    }

    List<LengthBatch> batches() {
        return batches;
    }

    int sentences() {
        return batches.stream().mapToInt(batch -> batch.inputs().length).sum();
    }

    InferenceSession session() {
        return new InferenceSession(loaded, planner, checkpoint.weights(), backend);
    }

    ExecutionPlan plan(TokenBatch batch) {
        return planner.plan(BatchShape.of(batch));
    }

    BatchRun begin(TokenBatch batch) {
        return loaded.begin(batch, Retention.NONE);
    }

    @Override
    public void close() {
        loaded.close();
        backend.close();
        checkpoint.close();
    }
}
