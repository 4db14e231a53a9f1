package io.leanspike.bench.gpu;

import io.leanspike.backend.Backend;
import io.leanspike.backend.BatchRun;
import io.leanspike.backend.LoadedModel;
import io.leanspike.backend.LoadedModel.Retention;
import io.leanspike.backend.TokenBatch;
import io.leanspike.backend.cuda.CudaProbe;
import io.leanspike.bench.Spread;
import io.leanspike.bench.SyntheticBatch;
import io.leanspike.bench.SyntheticModel;
import io.leanspike.schedule.BatchShape;
import io.leanspike.schedule.CostModel;
import io.leanspike.schedule.ExecutionPlan;
import io.leanspike.schedule.Mode;
import io.leanspike.schedule.Planner;
import io.leanspike.schedule.SpikeDensities;
import io.leanspike.schedule.TimestepSchedule;

/** A whole forward pass on the device, as a graph: from token ids to logits, everything included. */
record GpuForward(Backend backend, SyntheticModel model, LoadedModel loaded, Sampling sampling) {

    /** Milliseconds of the device for a batch, and the launches of its graph. */
    record Measured(Spread milliseconds, int launches) {}

    Measured measure(SyntheticBatch batch, int timesteps) {
        TokenBatch tokens = batch.tokens(model.config().vocabularySize());
        ExecutionPlan plan = new Planner(model.config(), model.weights(), TimestepSchedule.uniform(timesteps, model.config().hiddenLayers()),
                Mode.SPIKING, 0.5, CostModel.DEFAULT, SpikeDensities.TYPICAL, backend).plan(BatchShape.of(tokens));
        try (BatchRun run = loaded.begin(tokens, Retention.NONE); CudaProbe probe = new CudaProbe(run);
                CudaProbe.Pass pass = probe.capture(plan.calls())) {
            return new Measured(sampling.of(pass::milliseconds), probe.launches(plan.calls()).size());
        }
    }
}
