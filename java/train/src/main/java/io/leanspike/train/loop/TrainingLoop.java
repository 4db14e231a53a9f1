package io.leanspike.train.loop;

import ai.djl.engine.Engine;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDScope;
import ai.djl.training.GradientCollector;
import com.google.gson.JsonObject;
import io.leanspike.error.InvalidInputException;
import io.leanspike.train.data.BatchPlan;
import io.leanspike.train.data.Texts;
import io.leanspike.train.nn.Torch;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SequencedMap;

/**
 * Trains: batches in seeded order, AdamW, dev scores, the best model kept, states to resume from. What a step does depends on
 * settings, seed, step and the tensors alone, so that a resumed training continues exactly.
 *
 * <p>The folder gets the model as the learner saves it whenever dev is best, and in {@code training/} the state
 * ({@code state.safetensors}), the metrics ({@code metrics.jsonl}) and the curve ({@code curve.html}).
 */
public final class TrainingLoop {
    static final String STATE = "state.safetensors";
    private static final int LOG_EVERY = 20;
    /** Steps one after the other whose gradient overflows float32, and which therefore move nothing. */
    private static final int MOST_SKIPPED = 10;

    private final Learner learner;
    private final TrainingPlan plan;
    private final Texts texts;
    private final Path folder;
    private final String settings;
    private final TrainingProgress progress;
    private final WeightAverage average;
    private int skipped;

    /** @param settings what is trained and how, in words; a state with other settings is not resumed */
    public TrainingLoop(Learner learner, TrainingPlan plan, Texts texts, Path folder, String settings, TrainingProgress progress) {
        this.learner = learner;
        this.plan = plan;
        this.texts = texts;
        this.folder = folder;
        this.settings = settings;
        this.progress = progress;
        average = new WeightAverage(learner.trained(), plan.averaging());
    }

    /**
     * Trains to the end, or until dev has not improved for the plan's patience; from the folder's state on, where there is one. The folder
     * is a {@link TrainingFolder} that is open.
     *
     * @throws InvalidInputException when a loss is not finite, a file cannot be written, or no score was defined
     * @throws TrainingInterruptedException when a signal asked the process to end; the state is saved
     */
    public TrainingState run() {
        Path training = folder.resolve("training");
        Path stateFile = training.resolve(STATE);
        TrainingState state = TrainingState.read(stateFile, tensors(), settings)
                .orElse(new TrainingState(0, Double.NEGATIVE_INFINITY, 0, settings));
        MetricsLog metrics = new MetricsLog(training.resolve("metrics.jsonl"), state.step());
        try (Interruption interruption = Interruption.listen(progress::interrupted)) {
            TrainingState end = run(state, stateFile, metrics, interruption);
            if (end.bestStep() == 0) {
                throw new InvalidInputException(("%s has no model: no score on dev was defined, as where all answers or all true scores are"
                        + " the same; see %s").formatted(folder, training.resolve("metrics.jsonl")));
            }
            return end;
        }
    }

    private TrainingState run(TrainingState state, Path stateFile, MetricsLog metrics, Interruption interruption) {
        int batchesAnEpoch = batches(0).size();
        long steps = (long) plan.epochs() * batchesAnEpoch;
        LearningRate rate = new LearningRate(plan.learningRate(), Math.max(1, Math.round(plan.warmup() * steps)), steps, 0);
        long between = Math.max(1, batchesAnEpoch / plan.evaluations());
        long saved = System.nanoTime();
        long step = state.step();
        progress.start(step, steps);
        while (step < steps && !isStale(state, step, between)) {
            int epoch = (int) (step / batchesAnEpoch);
            // Block sizes depend on the shuffle, so epochs may differ by a few batches; the plan is wrapped to the first's size.
            List<int[]> order = batches(epoch);
            for (int b = (int) (step % batchesAnEpoch); b < batchesAnEpoch && !isStale(state, step, between); b++) {
                step++;
                StepResult result = step(order.get(b % order.size()), step, rate.at(step), steps);
                progress.at(step, result.loss(), result.tokens());
                if (step % LOG_EVERY == 0 || step == 1) {
                    metrics.add(result.json(step, epoch + (b + 1.0) / batchesAnEpoch, rate.at(step)));
                }
                if (step % between == 0 || step == steps) {
                    TrainingState before = state;
                    long now = step;
                    state = average.inPlace(() -> evaluate(before, now, (double) now / steps, metrics));
                    CurvePage.write(stateFile.resolveSibling("curve.html"), metrics.lines(), settings);
                }
                boolean isAsked = interruption.exitCode().isPresent();
                if (isAsked || (System.nanoTime() - saved) * 1e-9 >= plan.checkpointSeconds()) {
                    state = save(state, step, stateFile);
                    saved = System.nanoTime();
                }
                if (isAsked && step < steps) {
                    throw new TrainingInterruptedException(
                            "stopped at step %d of %d; everything is saved: the same command with --resume continues (a recipe: run it again)"
                                    .formatted(step, steps), interruption.exitCode().getAsInt());
                }
            }
        }
        return save(state, step, stateFile);
    }

    /** All that a resumed training reads back, by name. */
    private Map<String, NDArray> tensors() {
        Map<String, NDArray> all = new LinkedHashMap<>(learner.trained().state());
        all.putAll(average.state());
        return all;
    }

    private TrainingState save(TrainingState state, long step, Path stateFile) {
        TrainingState now = new TrainingState(step, state.best(), state.bestStep(), settings);
        now.write(stateFile, tensors());
        return now;
    }

    private boolean isStale(TrainingState state, long step, long between) {
        return plan.patience() > 0 && state.bestStep() > 0 && step - state.bestStep() >= plan.patience() * between;
    }

    private List<int[]> batches(int epoch) {
        return BatchPlan.of(texts, plan.batchSize(), plan.mostTokens(), plan.seed(), epoch).batches();
    }

    private record StepResult(double loss, double norm, int tokens, JsonObject parts) {
        JsonObject json(long step, double epoch, double rate) {
            JsonObject line = new JsonObject();
            line.addProperty("step", step);
            line.addProperty("epoch", epoch);
            line.addProperty("loss", loss);
            if (Double.isFinite(norm)) {
                line.addProperty("gradient_norm", norm);
            } else {
                line.addProperty("skipped", true);
            }
            line.addProperty("learning_rate", rate);
            parts.entrySet().forEach(part -> line.add(part.getKey(), part.getValue()));
            return line;
        }
    }

    private StepResult step(int[] batch, long step, double rate, long steps) {
        Engine engine = Torch.engine();
        // Dropout is a function of seed and step.
        engine.setRandomSeed((int) (plan.seed() * 31 + step * 7919));
        try (NDScope scope = new NDScope()) {
            scope.suppressNotUsedWarning();
            Learner.BatchLoss result;
            double loss;
            try (GradientCollector gradients = engine.newGradientCollector()) {
                result = learner.loss(batch, (double) step / steps);
                loss = result.loss().total().getFloat();
                if (!Double.isFinite(loss)) {
                    throw diverged("the loss is " + loss, step);
                }
                gradients.backward(result.loss().total());
            }
            learner.afterGradients(result.leaves(), (step - 1.0) / steps, (double) step / steps);
            double norm = plan.optimizer().step(learner.trained().parameters(), result.leaves(), result.rows(), step, rate);
            skipped = Double.isFinite(norm) ? 0 : skipped + 1;
            average.add(step);
            if (skipped > MOST_SKIPPED) {
                throw diverged("the gradient's norm is " + norm + ", as in the " + MOST_SKIPPED + " steps before", step);
            }
            JsonObject parts = new JsonObject();
            if (step % LOG_EVERY == 0 || step == 1) {
                result.loss().parts().forEach((name, value) -> parts.addProperty(name, value.getFloat()));
            }
            return new StepResult(loss, norm, result.tokens(), parts);
        }
    }

    private InvalidInputException diverged(String what, long step) {
        return new InvalidInputException(("%s at step %d: the training has diverged; lower --learning-rate (now %s) and train into "
                + "another folder. The best model so far stays in this one").formatted(what, step, plan.learningRate()));
    }

    private TrainingState evaluate(TrainingState state, long step, double share, MetricsLog metrics) {
        SequencedMap<String, Double> scores = learner.evaluate();
        JsonObject line = new JsonObject();
        line.addProperty("step", step);
        JsonObject dev = new JsonObject();
        scores.entrySet().stream().filter(score -> Double.isFinite(score.getValue()))
                .forEach(score -> dev.addProperty(score.getKey(), score.getValue()));
        line.add("dev", dev);
        metrics.add(line);
        progress.evaluated(step, scores);
        double score = scores.firstEntry().getValue() * (learner.isLowerBetter() ? -1 : 1);
        if (score > state.best() && learner.mayBeBest(share)) {
            learner.save(folder);
            return new TrainingState(state.step(), score, step, settings);
        }
        return state;
    }
}
