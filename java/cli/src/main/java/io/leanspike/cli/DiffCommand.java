package io.leanspike.cli;

import io.leanspike.model.Checkpoint;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

@Command(
        name = "diff",
        mixinStandardHelpOptions = true,
        versionProvider = Version.class,
        sortOptions = false,
        description = {
            "Shows two models side by side: layers, matrices, and what their spikes cost on the same sample text; a star marks what"
                    + " differs.", ""
        })
final class DiffCommand implements Callable<Integer> {
    private final Streams streams;

    @Parameters(index = "0", paramLabel = "DIR", description = "A model folder.")
    private Path first;

    @Parameters(index = "1", paramLabel = "DIR2", description = "Another.")
    private Path second;

    @Mixin
    private EvalData sample;

    DiffCommand(Streams streams) {
        this.streams = streams;
    }

    @Override
    public Integer call() {
        try (BundledFiles bundled = new BundledFiles();
                Checkpoint left = Checkpoint.open(first);
                Checkpoint right = Checkpoint.open(second)) {
            EvalData.Selected texts = sample.read(bundled);
            TextOutput text = new TextOutput(streams.out());
            text.print(ModelTable.difference(left, right, SampleSpikes.of(first, texts), SampleSpikes.of(second, texts)));
            text.flush();
        }
        return Failures.FINE;
    }
}
