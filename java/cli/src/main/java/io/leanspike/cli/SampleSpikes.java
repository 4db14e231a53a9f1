package io.leanspike.cli;

import io.leanspike.ModelOptions;
import io.leanspike.SpikingModel;
import io.leanspike.error.InvalidInputException;
import io.leanspike.eval.PopulationActivity;
import io.leanspike.eval.SpikeAccount;
import java.nio.file.Path;
import java.util.Optional;

/**
 * What a model's spikes cost on sample text.
 *
 * @param account empty where the model cannot read text
 * @param note the name of the text, or why nothing was counted
 */
record SampleSpikes(Optional<SpikeAccount> account, String note) {

    /** Counts; a model without a tokenizer is no mistake, it only has nothing to show. */
    static SampleSpikes of(Path model, EvalData.Selected sample) {
        try (SpikingModel running = SpikingModel.open(model, ModelOptions.DEFAULTS)) {
            return new SampleSpikes(Optional.of(running.account(sample.texts())), sample.name());
        } catch (InvalidInputException e) {
            return new SampleSpikes(Optional.empty(), e.getMessage());
        }
    }

    String sops() {
        return account.map(counted -> Figures.count((double) counted.cost().synapticOperations() / counted.sequences())).orElse("-");
    }

    String energy() {
        return account.map(counted -> Figures.joules(counted.cost().joules() / counted.sequences())).orElse("-");
    }

    /** Several lines. */
    String text() {
        if (account.isEmpty()) {
            return "spikes: not counted: %s%n".formatted(note);
        }
        SpikeAccount counted = account.get();
        StringBuilder text = new StringBuilder("spikes on %s (%d texts, %d tokens): %s SOPs and %s a sequence, %s of a dense network's %s%n"
                .formatted(note, counted.sequences(), counted.tokens(), sops(), energy(),
                        Figures.percent(counted.cost().joules() / counted.cost().denseJoules()),
                        Figures.joules(counted.cost().denseJoules() / counted.sequences())));
        for (PopulationActivity activity : counted.populations()) {
            text.append("%-26s T = %-4d width %-5d density %s%n".formatted(
                    activity.population(), activity.timesteps(), activity.width(), Figures.percent(activity.density())));
        }
        return text.toString();
    }
}
