package io.leanspike.cli;

import io.leanspike.ModelOptions;
import io.leanspike.eval.EarlyExit;
import io.leanspike.eval.Evaluation;
import io.leanspike.model.ModelConfig;
import io.leanspike.schedule.TimestepSchedule;

/**
 * A finished evaluation with all that it was run with: what every form of report is made from.
 *
 * @param modelName the model's folder as the user named it
 * @param dataName the file of examples
 * @param initialPotential u0 as a share of the threshold
 * @param loadSeconds wall time of opening the model and its tokenizer
 */
record EvalResult(
        String modelName,
        String dataName,
        ModelConfig config,
        ModelOptions options,
        EarlyExit early,
        TimestepSchedule schedule,
        double initialPotential,
        long modelBytes,
        BackendUsed backend,
        double loadSeconds,
        Evaluation evaluation) {

    int examples() {
        return evaluation.predictions().size();
    }
}
