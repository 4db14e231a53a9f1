package io.leanspike.compress;

import io.leanspike.backend.Backend;
import io.leanspike.backend.LoadedModel;
import io.leanspike.backend.TokenBatch;
import io.leanspike.model.EncoderWeights;
import io.leanspike.model.ModelConfig;
import io.leanspike.schedule.CostFile;
import io.leanspike.schedule.Mode;
import io.leanspike.schedule.Planner;
import io.leanspike.schedule.SpikeDensities;
import io.leanspike.schedule.TimestepSchedule;
import java.util.List;

/**
 * A loaded model and the text it is calibrated on. The model runs with any neurons and timesteps: they are the plan's, not its own.
 *
 * @param batches of the text, at least one
 */
public record Calibration(Backend backend, LoadedModel model, ModelConfig config, EncoderWeights weights, List<TokenBatch> batches) {

    /** A planner for other neurons or timesteps than the model's. */
    Planner planner(ModelConfig changed, TimestepSchedule schedule) {
        return new Planner(changed, weights, schedule, Mode.SPIKING, changed.spiking().initialPotential(), CostFile.load(),
                SpikeDensities.TYPICAL, backend);
    }
}
