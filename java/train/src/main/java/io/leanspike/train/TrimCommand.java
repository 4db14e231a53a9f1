package io.leanspike.train;

import io.leanspike.error.InvalidInputException;
import io.leanspike.train.data.VocabularyTrim;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

@Command(
        name = "trim",
        mixinStandardHelpOptions = true,
        sortOptions = false,
        description = {"Leaves out word pieces that texts do not use; single characters stay, so that any text can be read.", ""})
final class TrimCommand implements Callable<Integer> {
    private final PrintWriter out;

    @Option(names = "--model", paramLabel = "DIR", required = true, description = "Student to read.")
    private Path model;

    @Option(names = "--text", paramLabel = "FILE", required = true, description = "Texts, one a line; may be given again.")
    private List<Path> texts;

    @Option(names = "--least-uses", paramLabel = "N", description = "Pieces used less often are left out (default: ${DEFAULT-VALUE}).")
    private int leastUses = 1;

    @Option(names = "--out", paramLabel = "DIR", required = true, description = "Folder to make.")
    private Path target;

    TrimCommand(PrintWriter out) {
        this.out = out;
    }

    @Override
    public Integer call() {
        if (leastUses < 1) {
            throw new InvalidInputException("--least-uses %d: at least 1".formatted(leastUses));
        }
        out.println("%s: %d word pieces".formatted(target, VocabularyTrim.write(model, texts, leastUses, target)));
        return 0;
    }
}
