package io.leanspike.cli;

import io.leanspike.compress.search.CandidateModels;
import io.leanspike.error.InvalidInputException;
import io.leanspike.model.Checkpoint;
import java.lang.foreign.Arena;
import java.nio.file.Path;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

@Command(
        name = "apply",
        mixinStandardHelpOptions = true,
        versionProvider = Version.class,
        sortOptions = false,
        description = {"Writes the model of a point that leanspike compress search found.", ""})
final class ApplyCommand implements Callable<Integer> {
    private final Streams streams;

    @Option(names = "--search", paramLabel = "DIR", required = true, description = "Folder of a search that has ended.")
    private Path search;

    @Option(names = "--point", paramLabel = "N", required = true, description = "Number of the point, from 1, as the search lists them.")
    private int point;

    @Option(names = "--model", paramLabel = "DIR", description = "The model that was searched (default: where it was then).")
    private Optional<Path> model = Optional.empty();

    @Mixin
    private ModelTarget target;

    ApplyCommand(Streams streams) {
        this.streams = streams;
    }

    @Override
    public Integer call() {
        SearchFolder folder = new SearchFolder(search);
        SearchFolder.Found found = folder.found();
        if (point < 1 || point > found.points().size()) {
            throw new InvalidInputException("--point %d: the search found points 1 to %d".formatted(point, found.points().size()));
        }
        target.check();
        Path from = model.orElseGet(found::model);
        try (Checkpoint source = Checkpoint.open(from)) {
            if (!ModelFingerprint.of(source).equals(found.fingerprint())) {
                throw new InvalidInputException("%s is not the model that was searched: name that one with --model".formatted(from));
            }
            if (found.points().get(point - 1).layers().size() != source.config().hiddenLayers()) {
                throw new InvalidInputException("%s: point %d has not the %d layers of %s".formatted(
                        search, point, source.config().hiddenLayers(), from));
            }
            try (Arena arena = Arena.ofConfined();
                    CandidateModels models = new CandidateModels(source, folder.importance(source.config()))) {
                models.of(found.points().get(point - 1), arena).write(source, target.path(), target.existing());
            }
            try (Checkpoint made = Checkpoint.open(target.path())) {
                TextOutput text = new TextOutput(streams.out());
                text.print("%s: %s, from %s of %s%n".formatted(
                        target.path(), Figures.bytes(made.bytes()), Figures.bytes(source.bytes()), from));
                text.flush();
            }
        }
        return Failures.FINE;
    }
}
