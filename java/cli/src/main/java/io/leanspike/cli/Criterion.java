package io.leanspike.cli;

import io.leanspike.ModelOptions;
import io.leanspike.SpikingModel;
import io.leanspike.compress.LayerSpectrum;
import io.leanspike.compress.UnitImportance;
import io.leanspike.model.Checkpoint;
import io.leanspike.model.LayerWeights;
import io.leanspike.text.TextInput;
import java.io.PrintWriter;
import java.util.EnumSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.function.BiFunction;
import java.util.function.Supplier;
import java.util.stream.IntStream;

/** What tells the least important units of a model. */
public enum Criterion {
    MAGNITUDE, ACTIVITY, VARIANCE, PCA,
    /** By a file that others have written. */
    TAYLOR;

    /** Those that need no file. */
    static final Set<Criterion> MEASURED = EnumSet.complementOf(EnumSet.of(TAYLOR));

    /**
     * Importance of a model's units, one a layer, by a criterion that is {@link #MEASURED}.
     *
     * @param options that the model runs with; pca runs on the reference backend, which alone keeps potentials
     * @param text for calibration, asked for only where the model runs
     * @param err is told what pca found
     */
    public List<UnitImportance> measure(Checkpoint source, ModelOptions options, Supplier<List<TextInput>> text, PrintWriter err) {
        return switch (this) {
            case MAGNITUDE -> source.weights().layers().stream().map(UnitImportance::magnitude).toList();
            case ACTIVITY -> together(source, run(source, options, text, SpikingModel::activity), UnitImportance::activity);
            case VARIANCE -> together(source, run(source, options, text, SpikingModel::activity), UnitImportance::variance);
            case PCA -> {
                List<LayerSpectrum> spectra = run(source, options.withBackend("reference"), text, SpikingModel::spectra);
                for (int i = 0; i < spectra.size(); i++) {
                    err.println("leanspike: layer %d: 99%% of the energy of %d neurons is in %d principal components".formatted(
                            i, spectra.get(i).neurons().energy().length, spectra.get(i).neurons().components()));
                }
                yield together(source, spectra, UnitImportance::energy);
            }
            case TAYLOR -> throw new IllegalStateException("taylor is read from a file");
        };
    }

    private static <T> List<T> run(Checkpoint source, ModelOptions options, Supplier<List<TextInput>> text,
            BiFunction<SpikingModel, List<TextInput>, List<T>> measurement) {
        try (SpikingModel running = SpikingModel.open(source.directory(), options)) {
            return measurement.apply(running, text.get());
        }
    }

    private static <T> List<UnitImportance> together(Checkpoint source, List<T> measured,
            BiFunction<LayerWeights, T, UnitImportance> rule) {
        List<LayerWeights> layers = source.weights().layers();
        return IntStream.range(0, layers.size()).mapToObj(i -> rule.apply(layers.get(i), measured.get(i))).toList();
    }

    /** As an option names it. */
    @Override
    public String toString() {
        return name().toLowerCase(Locale.ROOT);
    }
}
