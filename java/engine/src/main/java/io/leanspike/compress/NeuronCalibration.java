package io.leanspike.compress;

import io.leanspike.backend.Population;
import io.leanspike.model.ModelConfig;
import io.leanspike.model.NeuronSettings;
import io.leanspike.schedule.Planner;
import io.leanspike.schedule.TimestepSchedule;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Threshold and initial potential of each population for few timesteps: those whose rates come nearest, in the mean square over units
 * and tokens, to the rates of the model as it is at {@value #MANY} timesteps. Populations are set in the order data passes them, each
 * reading those set before it; first the potential, then the threshold. (The idea of arXiv 2303.04347 and 2105.11654, by measurement
 * instead of a formula.)
 */
public record NeuronCalibration(Calibration calibration, TimestepSchedule schedule) {
    /** Enough for rates to have settled. */
    private static final int MANY = 64;
    private static final List<Double> POTENTIALS = List.of(0.5, 0.25, 0.375, 0.625, 0.75, 0.0);
    private static final List<Double> FACTORS = List.of(0.8, 0.9, 0.95, 1.05, 1.1, 1.25);

    /** By name of the population; of those that are best as they are nothing. */
    public Map<String, NeuronSettings> calibrate() {
        ModelConfig given = calibration.config();
        Map<String, NeuronSettings> found = new LinkedHashMap<>(given.spiking().populations());
        for (Population population : Population.all(given.hiddenLayers())) {
            String name = population.toString();
            List<double[]> wanted = rates(given, TimestepSchedule.uniform(MANY, given.hiddenLayers()), population);
            NeuronSettings best = given.spiking().neurons(name);
            double least = error(found, name, best, population, wanted);
            NeuronSettings start = best;
            for (double potential : POTENTIALS) {
                NeuronSettings trial = new NeuronSettings(start.threshold(), potential);
                double error = error(found, name, trial, population, wanted);
                if (error < least) {
                    least = error;
                    best = trial;
                }
            }
            NeuronSettings tuned = best;
            for (double factor : FACTORS) {
                NeuronSettings trial = new NeuronSettings(start.threshold() * factor, tuned.initialPotential());
                double error = error(found, name, trial, population, wanted);
                if (error < least) {
                    least = error;
                    best = trial;
                }
            }
            if (!best.equals(start)) {
                found.put(name, best);
            }
        }
        return found;
    }

    private double error(Map<String, NeuronSettings> found, String name, NeuronSettings trial, Population population,
            List<double[]> wanted) {
        Map<String, NeuronSettings> neurons = new LinkedHashMap<>(found);
        neurons.put(name, trial);
        ModelConfig config = calibration.config().withSpiking(calibration.config().spiking().withPopulations(neurons));
        List<double[]> rates = rates(config, schedule, population);
        double sum = 0;
        for (int b = 0; b < rates.size(); b++) {
            for (int i = 0; i < rates.get(b).length; i++) {
                double error = rates.get(b)[i] - wanted.get(b)[i];
                sum += error * error;
            }
        }
        return sum;
    }

    private List<double[]> rates(ModelConfig config, TimestepSchedule timesteps, Population population) {
        Planner planner = calibration.planner(config, timesteps);
        return PopulationRates.of(calibration.model(), planner, calibration.batches(), population);
    }
}
