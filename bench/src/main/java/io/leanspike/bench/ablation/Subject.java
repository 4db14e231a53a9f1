package io.leanspike.bench.ablation;

import io.leanspike.ModelOptions;
import io.leanspike.backend.Backend;
import io.leanspike.backend.LoadedModel;
import io.leanspike.eval.Evaluation;
import io.leanspike.eval.Evaluator;
import io.leanspike.eval.InferenceSession;
import io.leanspike.eval.Progress;
import io.leanspike.model.Checkpoint;
import io.leanspike.model.EncoderWeights;
import io.leanspike.model.ModelConfig;
import io.leanspike.schedule.CostFile;
import io.leanspike.schedule.Mode;
import io.leanspike.schedule.Planner;
import io.leanspike.schedule.SpikeDensities;
import io.leanspike.schedule.TimestepSchedule;
import io.leanspike.text.Encoding;
import io.leanspike.text.GlueExample;
import io.leanspike.text.GlueTask;
import io.leanspike.text.TextInput;
import io.leanspike.text.Tokenizer;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;

/**
 * The model that is changed, the examples that every change is scored on, and others to calibrate by.
 *
 * @param options timesteps (one a layer), initial potential and threads that the model runs with
 * @param report what scores are of
 * @param calibration what calibration text is drawn from
 * @param drawn how many are drawn
 */
record Subject(Checkpoint checkpoint, ModelOptions options, Backend backend, Tokenizer tokenizer, GlueTask task, List<GlueExample> report,
        List<Encoding> encodings, List<GlueExample> calibration, int drawn) {

    /** The configuration that it runs with. */
    ModelConfig config() {
        ModelConfig stored = checkpoint.config();
        return options.initialPotential().isPresent()
                ? stored.withSpiking(stored.spiking().withInitialPotential(options.initialPotential().getAsDouble())) : stored;
    }

    TimestepSchedule schedule() {
        return new TimestepSchedule(options.timesteps().isEmpty() ? checkpoint.config().spiking().timesteps() : options.timesteps());
    }

    /** The calibration examples of a seed, in the order that it draws them. */
    List<GlueExample> draw(long seed) {
        List<GlueExample> shuffled = new ArrayList<>(calibration);
        Collections.shuffle(shuffled, new Random(seed));
        return shuffled.subList(0, Math.min(drawn, shuffled.size()));
    }

    List<TextInput> texts(long seed) {
        return draw(seed).stream().map(GlueExample::input).toList();
    }

    /** Scores a changed model on all of the report. */
    Evaluation evaluate(ModelConfig changed, EncoderWeights weights, TimestepSchedule timesteps, Backend on) {
        Planner planner = new Planner(changed, weights, timesteps, Mode.SPIKING, changed.spiking().initialPotential(), CostFile.load(),
                SpikeDensities.TYPICAL, on);
        try (LoadedModel loaded = on.load(changed, weights)) {
            return new Evaluator(new InferenceSession(loaded, planner, weights, on), tokenizer, changed, options.batchSize())
                    .evaluate(task, report, encodings, 0, Progress.SILENT);
        }
    }

    Evaluation evaluate(ModelConfig changed, EncoderWeights weights) {
        return evaluate(changed, weights, schedule(), backend);
    }

    Evaluation evaluateUnchanged() {
        return evaluate(config(), checkpoint.weights());
    }
}
