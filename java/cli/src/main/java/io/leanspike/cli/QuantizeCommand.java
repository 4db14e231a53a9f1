package io.leanspike.cli;

import io.leanspike.compress.EncoderBits;
import io.leanspike.compress.ModelQuantization;
import io.leanspike.error.InvalidInputException;
import io.leanspike.model.Checkpoint;
import java.nio.file.Path;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

@Command(
        name = "quantize",
        mixinStandardHelpOptions = true,
        versionProvider = Version.class,
        sortOptions = false,
        description = {
            "Stores matrices of a model in fewer bits with one scale a row; everything else stays byte for byte.",
            "A model trained for 1.58 or 1 bits keeps its weights exactly; of another model they are rounded, which costs accuracy.", ""
        })
final class QuantizeCommand implements Callable<Integer> {
    private final Streams streams;

    @Option(names = "--model", paramLabel = "DIR", required = true, description = "Model folder to read.")
    private Path model;

    @Option(names = "--out", paramLabel = "DIR", required = true, description = "Model folder to make: new, or empty.")
    private Path out;

    @Option(names = "--embeddings", paramLabel = "BITS", description = "Bits of an embedding weight: 8.")
    private Optional<Integer> embeddings = Optional.empty();

    @Option(names = "--weights", paramLabel = "BITS", description = "Bits of an encoder weight: 8, 1.58 (-1, 0 and 1) or 1 (-1 and 1).")
    private Optional<String> weights = Optional.empty();

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
            new ModelQuantization(embeddings.isPresent(), encoder).write(source, out);
            try (Checkpoint made = Checkpoint.open(out)) {
                TextOutput text = new TextOutput(streams.out());
                text.print("%s: %s, from %s of %s%n".formatted(out, Figures.bytes(made.bytes()), Figures.bytes(source.bytes()), model));
                text.flush();
            }
        }
        return Failures.FINE;
    }
}
