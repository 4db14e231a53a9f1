package io.leanspike.cli;

import com.google.gson.JsonArray;
import com.google.gson.JsonObject;
import io.leanspike.compress.search.Candidate;
import io.leanspike.compress.search.CandidateModels;
import io.leanspike.compress.search.SearchRecords;
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
        JsonObject result = folder.readResult();
        JsonArray points = result.getAsJsonArray("points");
        if (point < 1 || point > points.size()) {
            throw new InvalidInputException("--point %d: the search found points 1 to %d".formatted(point, points.size()));
        }
        target.check();
        Candidate candidate = SearchRecords.candidate(points.get(point - 1).getAsJsonObject().getAsJsonObject("candidate"));
        Path from = model.orElseGet(() -> Path.of(result.get("model").getAsString()));
        try (Checkpoint source = Checkpoint.open(from)) {
            if (!ModelFingerprint.of(source).equals(result.get("model_sha256").getAsString())) {
                throw new InvalidInputException("%s is not the model that was searched: name that one with --model".formatted(from));
            }
            try (Arena arena = Arena.ofConfined();
                    CandidateModels models = new CandidateModels(source, folder.importance(source.config()))) {
                models.of(candidate, arena).write(source, target.path(), target.existing());
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
