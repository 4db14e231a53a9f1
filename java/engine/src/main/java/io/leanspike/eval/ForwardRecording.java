package io.leanspike.eval;

import io.leanspike.backend.BatchRun;
import io.leanspike.backend.KernelCall;
import io.leanspike.backend.Population;
import io.leanspike.schedule.ExecutionPlan;
import io.leanspike.schedule.Mode;
import io.leanspike.tensor.SpikeTensor;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * What a forward pass over rectangular inputs did, in the shapes of the golden format.
 *
 * @param logits [sequences][labels]
 * @param counts spikes of every unit over its timesteps, [sequences, length, width]; at equilibrium the rates instead
 * @param spikes {0, 1} bytes [timesteps, sequences, length, width]; empty unless asked for
 */
public record ForwardRecording(
        ForwardInputs inputs, double[][] logits, Map<Population, Counts> counts, Map<Population, Spikes> spikes) {

    /** @param values [sequences, length, width], row-major */
    public record Counts(int width, double[] values) {}

    /** @param values [timesteps, sequences, length, width], row-major */
    public record Spikes(int timesteps, int width, byte[] values) {}

    /** Reads a finished, retained run. */
    public static ForwardRecording of(ForwardInputs inputs, ExecutionPlan plan, BatchRun run, boolean withSpikes) {
        Map<Population, Counts> counts = new LinkedHashMap<>();
        Map<Population, Spikes> spikes = new LinkedHashMap<>();
        int rows = inputs.batch().rows();
        for (KernelCall call : plan.operations()) {
            if (call instanceof KernelCall.SpikeCount count) {
                SpikeTensor tensor = run.spikes(count.population());
                Spikes unpacked = unpack(tensor);
                counts.put(count.population(), sum(unpacked, rows));
                if (withSpikes) {
                    spikes.put(count.population(), unpacked);
                }
            }
        }
        if (plan.mode() == Mode.EQUILIBRIUM) {
            for (Population population : Population.all(plan.schedule().timesteps().size())) {
                double[] rates = run.rates(population);
                counts.put(population, new Counts(rates.length / rows, rates));
            }
        }
        return new ForwardRecording(inputs, run.logits(), counts, spikes);
    }

    private static Spikes unpack(SpikeTensor tensor) {
        int width = tensor.width();
        byte[] values = new byte[Math.multiplyExact(Math.multiplyExact(tensor.timesteps(), tensor.rows()), width)];
        int at = 0;
        for (int t = 0; t < tensor.timesteps(); t++) {
            for (int row = 0; row < tensor.rows(); row++) {
                for (int j = 0; j < width; j++) {
                    values[at++] = (byte) (tensor.get(row, t, j) ? 1 : 0);
                }
            }
        }
        return new Spikes(tensor.timesteps(), width, values);
    }

    private static Counts sum(Spikes spikes, int rows) {
        double[] sums = new double[rows * spikes.width()];
        for (int i = 0; i < spikes.values().length; i++) {
            sums[i % sums.length] += spikes.values()[i];
        }
        return new Counts(spikes.width(), sums);
    }
}
