package io.leanspike.compress;

import io.leanspike.backend.BatchRun;
import io.leanspike.backend.KernelCall;
import io.leanspike.backend.KernelChoice;
import io.leanspike.backend.LoadedModel;
import io.leanspike.backend.Population;
import io.leanspike.backend.TokenBatch;
import io.leanspike.schedule.ExecutionPlan;
import io.leanspike.schedule.Planner;
import io.leanspike.schedule.BatchShape;
import java.util.ArrayList;
import java.util.List;

/** Rates of one population: a plan is run as far as that population and no further. */
final class PopulationRates {
    private static final KernelChoice CHOICE = new KernelChoice("calibration", 0, "spikes of each unit");

    private PopulationRates() {}

    /** Spikes / T of each unit [rows, width], one array a batch. */
    static List<double[]> of(LoadedModel model, Planner planner, List<TokenBatch> batches, Population population) {
        List<double[]> rates = new ArrayList<>();
        for (TokenBatch batch : batches) {
            rates.add(of(model, planner.plan(BatchShape.of(batch)), batch, population));
        }
        return rates;
    }

    private static double[] of(LoadedModel model, ExecutionPlan plan, TokenBatch batch, Population population) {
        KernelCall.SpikeCount count = count(plan, population);
        try (BatchRun run = model.begin(batch, LoadedModel.Retention.NONE)) {
            run.execute(upTo(population, plan.operations()));
            run.execute(List.of(new KernelCall.UnitCount(population, count.width(), count.timesteps(), CHOICE)));
            int[] counts = run.unitCounts(population);
            double[] rates = new double[counts.length];
            for (int i = 0; i < rates.length; i++) {
                rates[i] = (double) counts[i] / count.timesteps();
            }
            return rates;
        }
    }

    /** Every population of a plan is counted: the call knows its width and timesteps. */
    private static KernelCall.SpikeCount count(ExecutionPlan plan, Population population) {
        return plan.operations().stream().filter(KernelCall.SpikeCount.class::isInstance).map(KernelCall.SpikeCount.class::cast)
                .filter(call -> call.population().equals(population)).findFirst()
                .orElseThrow(() -> new IllegalArgumentException("the plan has no " + population));
    }

    private static List<KernelCall> upTo(Population population, List<KernelCall> calls) {
        for (int i = 0; i < calls.size(); i++) {
            if (calls.get(i).output().equals(population.toString())) {
                return calls.subList(0, i + 1);
            }
        }
        throw new IllegalArgumentException("no call of the plan makes " + population);
    }
}
