package io.leanspike.bench.compression;

import io.leanspike.backend.Backend;
import io.leanspike.backend.LoadedModel;
import io.leanspike.backend.TokenBatch;
import io.leanspike.bench.peers.PreparedForward;
import io.leanspike.compress.CompressedModel;
import io.leanspike.error.InvalidInputException;
import io.leanspike.eval.Cost;
import io.leanspike.eval.Evaluation;
import io.leanspike.eval.Evaluator;
import io.leanspike.eval.InferenceSession;
import io.leanspike.eval.Progress;
import io.leanspike.model.Checkpoint;
import io.leanspike.model.ModelConfig;
import io.leanspike.schedule.CostFile;
import io.leanspike.schedule.Mode;
import io.leanspike.schedule.Planner;
import io.leanspike.schedule.SpikeDensities;
import io.leanspike.schedule.TimestepSchedule;
import io.leanspike.text.Encoding;
import io.leanspike.text.Tokenizer;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/** A spiking checkpoint in the engine. Plans know the densities that its evaluation measured, as ModelOptions lets any user tell them. */
final class SpikingVariant implements Measured {
    private static final int BATCH = 32;

    private final Checkpoint checkpoint;
    private final LoadedModel loaded;
    private final InferenceSession session;
    private final TaskText text;
    private final List<Encoding> encodings;
    private final ModelFigures figures;

    private SpikingVariant(String name, Checkpoint checkpoint, Optional<String> timesteps, TaskText text, Backend backend) {
        this.checkpoint = checkpoint;
        this.text = text;
        ModelConfig config = checkpoint.config();
        TimestepSchedule schedule = timesteps.map(asked -> TimestepSchedule.parse(asked, config.hiddenLayers()))
                .orElseGet(() -> new TimestepSchedule(config.spiking().timesteps()));
        loaded = backend.load(config, checkpoint.weights());
        try (Tokenizer tokenizer = Tokenizer.open(checkpoint.directory(), config.maxPositions(), config.vocabularySize())) {
            encodings = text.encode(tokenizer);
            Evaluation evaluation = new Evaluator(session(schedule, SpikeDensities.TYPICAL, backend), tokenizer, config, BATCH)
                    .evaluate(text.task(), text.examples(), encodings, 0, Progress.SILENT);
            session = session(schedule, evaluation.densities(), backend);
            figures = figures(name, schedule, evaluation);
        } catch (RuntimeException | Error e) {
            loaded.close();
            throw e;
        }
    }

    /**
     * Opens a checkpoint and answers all examples.
     *
     * @param timesteps T, one number or one a layer; empty = as the checkpoint says
     * @throws InvalidInputException when the folder holds no spiking model, or one for another task
     */
    static SpikingVariant open(String name, Path folder, Optional<String> timesteps, TaskText text, Backend backend) {
        Checkpoint checkpoint = Checkpoint.open(folder);
        try {
            return new SpikingVariant(name, checkpoint, timesteps, text, backend);
        } catch (RuntimeException | Error e) {
            checkpoint.close();
            throw e;
        }
    }

    private InferenceSession session(TimestepSchedule schedule, SpikeDensities densities, Backend backend) {
        ModelConfig config = checkpoint.config();
        Planner planner = new Planner(config, checkpoint.weights(), schedule, Mode.SPIKING, config.spiking().initialPotential(),
                CostFile.load(), densities, backend);
        return new InferenceSession(loaded, planner, checkpoint.weights(), backend);
    }

    private ModelFigures figures(String name, TimestepSchedule schedule, Evaluation evaluation) {
        Cost cost = evaluation.cost();
        double sequences = text.examples().size();
        return new ModelFigures(name, false, evaluation.metrics(), schedule.timesteps(), cost.synapticOperations() / sequences,
                cost.macs() / sequences, cost.joules() / sequences,
                new CompressedModel(checkpoint.config(), checkpoint.weights()).encoderBytes(), checkpoint.bytes());
    }

    @Override
    public ModelFigures figures() {
        return figures;
    }

    @Override
    public PreparedForward timed(int batch) {
        List<TokenBatch> batches = text.timed(encodings, batch, checkpoint.config());
        return new PreparedForward() {
            @Override
            public void run() {
                batches.forEach(session::logits);
            }

            @Override
            public void close() {
                // The batches are on the heap, and the session is the variant's.
            }
        };
    }

    @Override
    public void close() {
        loaded.close();
        checkpoint.close();
    }
}
