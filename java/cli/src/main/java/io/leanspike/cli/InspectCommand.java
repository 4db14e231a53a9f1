package io.leanspike.cli;

import io.leanspike.model.Checkpoint;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

@Command(
        name = "inspect",
        mixinStandardHelpOptions = true,
        versionProvider = Version.class,
        sortOptions = false,
        description = {"Shows a model's layers: timesteps, heads, neurons, and each matrix's bits, zeros and bytes.", ""})
final class InspectCommand implements Callable<Integer> {
    private final Streams streams;

    @Option(names = "--model", paramLabel = "DIR", required = true, description = "Model folder to read.")
    private Path model;

    InspectCommand(Streams streams) {
        this.streams = streams;
    }

    @Override
    public Integer call() {
        try (Checkpoint checkpoint = Checkpoint.open(model)) {
            TextOutput text = new TextOutput(streams.out());
            text.print(ModelTable.text(checkpoint));
            text.flush();
        }
        return Failures.FINE;
    }
}
