package io.leanspike.eval;

import io.leanspike.account.FanOut;
import io.leanspike.backend.Backend;
import io.leanspike.backend.BatchRun;
import io.leanspike.backend.LoadedModel;
import io.leanspike.backend.LoadedModel.Retention;
import io.leanspike.backend.Readers;
import io.leanspike.backend.TokenBatch;
import io.leanspike.model.EncoderWeights;
import io.leanspike.schedule.BatchShape;
import io.leanspike.schedule.ExecutionPlan;
import io.leanspike.schedule.Planner;
import io.leanspike.schedule.TimestepSchedule;
import java.util.ArrayList;
import java.util.List;

/**
 * A loaded model together with the planner that schedules it: token batches in, logits out. Thread-safe; it does not own what it
 * is made of.
 */
public final class InferenceSession {
    private final LoadedModel model;
    private final Planner planner;
    private final EncoderWeights weights;
    private final int batchesUnderWay;

    /** @param backend that loaded the model */
    public InferenceSession(LoadedModel model, Planner planner, EncoderWeights weights, Backend backend) {
        this.model = model;
        this.planner = planner;
        this.weights = weights;
        batchesUnderWay = backend.gpu().isPresent() ? 2 * backend.threads() : 1;
    }

    private InferenceSession(LoadedModel model, Planner planner, EncoderWeights weights, int batchesUnderWay) {
        this.model = model;
        this.planner = planner;
        this.weights = weights;
        this.batchesUnderWay = batchesUnderWay;
    }

    EncoderWeights weights() {
        return weights;
    }

    TimestepSchedule schedule() {
        return planner.schedule();
    }

    /** This model with the timesteps of each stage; the last is this session. */
    List<InferenceSession> stages(EarlyExit exit) {
        List<InferenceSession> stages = new ArrayList<>();
        for (TimestepSchedule stage : exit.stages(planner.schedule())) {
            stages.add(stage.equals(planner.schedule()) ? this
                    : new InferenceSession(model, planner.with(stage), weights, batchesUnderWay));
        }
        return stages;
    }

    FanOut fanOut(int layer, Readers readers) {
        return planner.fanOut(layer, readers);
    }

    public ExecutionPlan plan(TokenBatch batch) {
        return planner.plan(BatchShape.of(batch));
    }

    /** Logits [sequences][labels] of a batch. */
    public double[][] logits(TokenBatch batch) {
        try (BatchRun run = run(plan(batch), batch, Retention.NONE)) {
            return run.logits();
        }
    }

    /** How many batches may be under way at once with a gain: two for each device that works beside the caller. */
    int batchesUnderWay() {
        return batchesUnderWay;
    }

    /** Starts a plan made for the batch; the first look at a result waits for it. */
    BatchRun start(ExecutionPlan plan, TokenBatch batch) {
        return run(plan, batch, Retention.NONE);
    }

    /** Runs a batch and keeps all its populations readable until the result is closed. */
    public BatchRun record(TokenBatch batch) {
        return run(plan(batch), batch, Retention.POPULATIONS);
    }

    private BatchRun run(ExecutionPlan plan, TokenBatch batch, Retention retention) {
        BatchRun run = model.begin(batch, retention);
        try {
            run.execute(plan.calls());
            return run;
        } catch (RuntimeException | Error e) {
            run.close();
            throw e;
        }
    }
}
