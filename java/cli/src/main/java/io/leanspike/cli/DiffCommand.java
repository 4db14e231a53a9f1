package io.leanspike.cli;

import io.leanspike.model.Checkpoint;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

@Command(
        name = "diff",
        mixinStandardHelpOptions = true,
        versionProvider = Version.class,
        sortOptions = false,
        description = {"Shows two models side by side, a line a matrix; a star marks what differs.", ""})
final class DiffCommand implements Callable<Integer> {
    private final Streams streams;

    @Parameters(index = "0", paramLabel = "DIR", description = "A model folder.")
    private Path first;

    @Parameters(index = "1", paramLabel = "DIR2", description = "Another.")
    private Path second;

    DiffCommand(Streams streams) {
        this.streams = streams;
    }

    @Override
    public Integer call() {
        try (Checkpoint left = Checkpoint.open(first); Checkpoint right = Checkpoint.open(second)) {
            TextOutput text = new TextOutput(streams.out());
            text.print(ModelTable.difference(left, right));
            text.flush();
        }
        return Failures.FINE;
    }
}
