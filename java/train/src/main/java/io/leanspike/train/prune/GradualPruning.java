package io.leanspike.train.prune;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDScope;
import io.leanspike.compress.LayerKeep;
import io.leanspike.compress.PruningPlan;
import io.leanspike.compress.UnitImportance;
import io.leanspike.model.ModelConfig;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;

/**
 * Silences heads and intermediate neurons while their network trains, so that the others take over from them. After every backward pass
 * the criterion sees each unit; now and then the units that matter least are chosen anew, and ones that were gone may come back.
 */
public final class GradualPruning {
    /** Times that units are chosen between the schedule's start and end. */
    private static final int CHOICES = 50;

    /**
     * How a training prunes.
     *
     * @param heads share of heads that is gone in the end
     * @param neurons share of intermediate neurons that is gone in the end
     * @param allocation whether each layer loses the same share
     */
    public record Settings(
            double heads, double neurons, PruningSchedule schedule, PruningCriterion criterion, PruningPlan.Allocation allocation) {}

    /**
     * L2 norms of the weights of a layer's units, as they are used.
     *
     * @param contextMaker [hidden] of value rows, @param contextReader [hidden] of attention output columns
     * @param neuronMaker [intermediate] of intermediate rows, @param neuronReader [intermediate] of output columns
     */
    public record Norms(NDArray contextMaker, NDArray contextReader, NDArray neuronMaker, NDArray neuronReader) {}

    private final Settings settings;
    private final ModelConfig config;
    private final List<LayerMasks> masks;
    private final double headsAtFirst;
    private final double neuronsAtFirst;

    /**
     * @param config the network before anything of it was pruned
     * @param masks one a layer, as training starts
     * @throws io.leanspike.error.InvalidInputException when more is gone already than shall be in the end
     */
    public GradualPruning(Settings settings, ModelConfig config, List<LayerMasks> masks) {
        this.settings = settings;
        this.config = config;
        this.masks = masks;
        List<LayerKeep> kept = masks.stream().map(LayerMasks::kept).toList();
        headsAtFirst = 1 - kept.stream().mapToInt(layer -> layer.heads().size()).sum()
                / (double) (config.hiddenLayers() * config.attentionHeads());
        neuronsAtFirst = 1 - kept.stream().mapToInt(layer -> layer.neurons().size()).sum()
                / (double) (config.hiddenLayers() * config.intermediateSize());
    }

    /** Share of the heads that was gone when training started. */
    public double headsAtFirst() {
        return headsAtFirst;
    }

    /** Share of the neurons that was gone when training started. */
    public double neuronsAtFirst() {
        return neuronsAtFirst;
    }

    /** Whether nothing is silenced any more. */
    public boolean isComplete(double progress) {
        return settings.schedule().isComplete(progress);
    }

    /**
     * Shows a layer's units to the criterion, behind a backward pass.
     *
     * @param gradient [units] of the mask, @param square [units] mean square rate
     */
    public void see(UnitMask mask, NDArray gradient, NDArray square) {
        mask.remember(settings.criterion().seen(gradient, square));
    }

    /**
     * Chooses units when it is time.
     *
     * @param before progress at the step before, @param now progress now
     * @param norms of each layer
     */
    public void choose(double before, double now, Supplier<List<Norms>> norms) {
        if (choices(before) == choices(now)) {
            return;
        }
        try (NDScope scope = new NDScope()) {
            scope.suppressNotUsedWarning();
            List<UnitImportance> importance = new ArrayList<>();
            List<Norms> all = norms.get();
            for (int layer = 0; layer < masks.size(); layer++) {
                Norms of = all.get(layer);
                double[] values = importance(masks.get(layer).context(), of.contextMaker(), of.contextReader());
                importance.add(new UnitImportance(new double[values.length], values,
                        importance(masks.get(layer).neurons(), of.neuronMaker(), of.neuronReader())));
            }
            PruningPlan plan = new PruningPlan(settings.schedule().share(headsAtFirst, settings.heads(), now), 0, 0,
                    settings.schedule().share(neuronsAtFirst, settings.neurons(), now), settings.allocation());
            List<LayerKeep> keeps = plan.choose(config, importance);
            for (int layer = 0; layer < masks.size(); layer++) {
                masks.get(layer).keep(keeps.get(layer));
            }
        }
    }

    private double[] importance(UnitMask mask, NDArray maker, NDArray reader) {
        float[] values = settings.criterion().importance(mask.seen(), maker, reader).toFloatArray();
        double[] wide = new double[values.length];
        for (int i = 0; i < wide.length; i++) {
            wide[i] = values[i];
        }
        return wide;
    }

    private int choices(double progress) {
        return progress <= 0 ? 0 : (int) (CHOICES * settings.schedule().share(0, 1, progress));
    }
}
