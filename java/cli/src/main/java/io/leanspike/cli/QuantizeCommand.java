package io.leanspike.cli;

import io.leanspike.ModelOptions;
import io.leanspike.SpikingModel;
import io.leanspike.compress.CalibratedQuantization.Correction;
import io.leanspike.compress.EncoderBits;
import io.leanspike.compress.ModelQuantization;
import io.leanspike.error.InvalidInputException;
import io.leanspike.model.Checkpoint;
import io.leanspike.model.EncoderWeights;
import java.lang.foreign.Arena;
import java.nio.file.Path;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

@Command(
        name = "quantize",
        mixinStandardHelpOptions = true,
        versionProvider = Version.class,
        sortOptions = false,
        description = {
            "Stores matrices of a model in fewer bits with one scale a row; everything else stays byte for byte.",
            "A model trained for 1.58 or 1 bits keeps its weights exactly; of another model they are rounded, which costs accuracy, less"
                    + " with --correct, which sets biases (and scales) by calibration text that --task and --data name: --split train"
                    + " --limit 500.", ""
        })
final class QuantizeCommand implements Callable<Integer> {
    private final Streams streams;

    @Spec
    private CommandSpec spec;

    @Option(names = "--model", paramLabel = "DIR", required = true, description = "Model folder to read.")
    private Path model;

    @Mixin
    private ModelTarget target;

    @Option(names = "--embeddings", paramLabel = "BITS", description = "Bits of an embedding weight: 8.")
    private Optional<Integer> embeddings = Optional.empty();

    @Option(names = "--weights", paramLabel = "BITS", description = "Bits of an encoder weight: 8, 1.58 (-1, 0 and 1) or 1 (-1 and 1).")
    private Optional<String> weights = Optional.empty();

    @Option(names = "--correct", paramLabel = "WHAT",
            description = "bias: every output keeps its mean current on calibration text; scale: each row's scale follows as well.")
    private Optional<String> correct = Optional.empty();

    @Option(names = "--timesteps", paramLabel = "T", description = "Timesteps to calibrate for (default: the model's own).")
    private Optional<Integer> timesteps = Optional.empty();

    @Option(names = "--initial-potential", paramLabel = "U", description = "Initial potential to calibrate for (default: the model's own).")
    private Optional<Double> initialPotential = Optional.empty();

    @Mixin
    private EvalData calibration;

    QuantizeCommand(Streams streams) {
        this.streams = streams;
    }

    @Override
    public Integer call() {
        if (embeddings.isEmpty() && weights.isEmpty()) {
            throw new InvalidInputException("nothing to do: give --embeddings 8, --weights 8, 1.58 or 1, or both");
        }
        embeddings.filter(bits -> bits != 8).ifPresent(bits -> {
            throw new InvalidInputException("--embeddings %d: embeddings can be stored in 8 bits only".formatted(bits));
        });
        Optional<EncoderBits> encoder = weights.map(text -> EncoderBits.parse(text).orElseThrow(
                () -> new InvalidInputException("--weights %s: encoder weights can be stored in 8, 1.58 or 1 bits".formatted(text))));
        try (Checkpoint source = Checkpoint.open(model)) {
            Optional<Correction> correction = correction(encoder.isPresent());
            target.check();
            if (correction.isPresent()) {
                writeCorrected(source, encoder.orElseThrow(), correction.get());
            } else {
                new ModelQuantization(embeddings.isPresent(), encoder).write(source, target.path(), target.existing());
            }
            try (Checkpoint made = Checkpoint.open(target.path())) {
                TextOutput text = new TextOutput(streams.out());
                text.print("%s: %s, from %s of %s%n".formatted(
                        target.path(), Figures.bytes(made.bytes()), Figures.bytes(source.bytes()), model));
                text.flush();
            }
        }
        return Failures.FINE;
    }

    private Optional<Correction> correction(boolean hasWeights) {
        if (correct.isEmpty()) {
            if (timesteps.isPresent() || initialPotential.isPresent()) {
                throw new InvalidInputException(
                        "--timesteps and --initial-potential are those of the calibration: give --correct bias or scale too");
            }
            InVain.refuse(spec, EvalData.OPTIONS, "text is read for --correct bias or scale alone");
            return Optional.empty();
        }
        if (!hasWeights) {
            throw new InvalidInputException("--correct needs --weights: only encoder weights are corrected");
        }
        return Optional.of(switch (correct.get()) {
            case "bias" -> Correction.BIAS;
            case "scale" -> Correction.BIAS_AND_SCALE;
            default -> throw new InvalidInputException("--correct: there is no '%s'; choose bias or scale".formatted(correct.get()));
        });
    }

    private void writeCorrected(Checkpoint source, EncoderBits bits, Correction correction) {
        ModelOptions options = ModelOptions.DEFAULTS;
        if (timesteps.isPresent()) {
            options = options.withTimesteps(RunOptions.atLeastOne("--timesteps", timesteps.get()));
        }
        if (initialPotential.isPresent()) {
            options = options.withInitialPotential(initialPotential.get());
        }
        try (Arena arena = Arena.ofShared(); BundledFiles bundled = new BundledFiles();
                SpikingModel running = SpikingModel.open(model, options)) {
            EncoderWeights weights = running.quantized(bits, correction,
                    calibration.read(bundled).texts(), arena);
            new ModelQuantization(embeddings.isPresent(), Optional.of(bits))
                    .write(source, weights.layers(), target.path(), target.existing());
        }
    }
}
