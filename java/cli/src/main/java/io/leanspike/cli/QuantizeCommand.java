package io.leanspike.cli;

import io.leanspike.compress.EmbeddingQuantization;
import io.leanspike.error.InvalidInputException;
import io.leanspike.model.Checkpoint;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

@Command(
        name = "quantize",
        mixinStandardHelpOptions = true,
        versionProvider = Version.class,
        sortOptions = false,
        description = {
            "Stores a model's embedding tables in 8 bits with one scale a row; everything else stays byte for byte.",
            "The bundled model is sst2-tiny after this command.", ""
        })
final class QuantizeCommand implements Callable<Integer> {
    private final Streams streams;

    @Option(names = "--model", paramLabel = "DIR", required = true, description = "Model folder to read.")
    private Path model;

    @Option(names = "--out", paramLabel = "DIR", required = true, description = "Model folder to make: new, or empty.")
    private Path out;

    @Option(names = "--embeddings", paramLabel = "BITS", required = true, description = "Bits of an embedding weight: 8.")
    private int bits;

    QuantizeCommand(Streams streams) {
        this.streams = streams;
    }

    @Override
    public Integer call() {
        if (bits != 8) {
            throw new InvalidInputException("--embeddings %d: embeddings can be stored in 8 bits only".formatted(bits));
        }
        try (Checkpoint source = Checkpoint.open(model)) {
            EmbeddingQuantization.quantizeEmbeddings(source, out);
            try (Checkpoint made = Checkpoint.open(out)) {
                TextOutput text = new TextOutput(streams.out());
                text.print("%s: %s, from %s of %s%n".formatted(out, Figures.bytes(made.bytes()), Figures.bytes(source.bytes()), model));
                text.flush();
            }
        }
        return Failures.FINE;
    }
}
