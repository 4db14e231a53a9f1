package io.leanspike.cli;

import io.leanspike.model.Checkpoint;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

@Command(
        name = "inspect",
        mixinStandardHelpOptions = true,
        versionProvider = Version.class,
        sortOptions = false,
        description = {
            "Shows a model's layers: timesteps, heads, neurons, each matrix's bits, zeros and bytes, and what its spikes cost on sample"
                    + " text: the bundled sample, or what --task and --data name.", ""
        })
final class InspectCommand implements Callable<Integer> {
    private final Streams streams;

    @Option(names = "--model", paramLabel = "DIR", required = true, description = "Model folder to read.")
    private Path model;

    @Mixin
    private EvalData sample;

    InspectCommand(Streams streams) {
        this.streams = streams;
    }

    @Override
    public Integer call() {
        try (BundledFiles bundled = new BundledFiles(); Checkpoint checkpoint = Checkpoint.open(model)) {
            TextOutput text = new TextOutput(streams.out());
            text.print(ModelTable.text(checkpoint, SampleSpikes.of(model, sample.read(bundled))));
            text.flush();
        }
        return Failures.FINE;
    }
}
