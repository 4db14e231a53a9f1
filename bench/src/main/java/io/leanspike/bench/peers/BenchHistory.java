package io.leanspike.bench.peers;

import io.leanspike.bench.gpu.GpuPage;
import io.leanspike.error.FileFailure;
import io.leanspike.error.InvalidInputException;
import java.io.IOException;
import java.io.PrintStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.stream.Stream;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/** Makes the page and the plots from what {@link BenchPeers} has recorded, or the page of what a GPU said. */
@Command(name = "history", mixinStandardHelpOptions = true,
        description = "Makes a Markdown page beside the JSON lines of 'peers' (with SVG plots) or of 'gpu', from them alone.")
public final class BenchHistory implements Callable<Integer> {
    @Parameters(arity = "0..1", paramLabel = "FILE", defaultValue = "bench/results/peers.jsonl",
            description = "JSON lines; ${DEFAULT-VALUE} unless given")
    private Path file;

    private final PrintStream out;

    public BenchHistory(PrintStream out) {
        this.out = out;
    }

    @Override
    public Integer call() {
        String stem = file.getFileName().toString().replaceFirst("\\.jsonl$", "");
        Path folder = file.toAbsolutePath().getParent();
        Map<Path, String> files = new LinkedHashMap<>();
        if (isOfGpu()) {
            files.put(folder.resolve(stem + ".md"), GpuPage.read(file).markdown(PeersPage.MARK));
        } else {
            PeersPage page = new PeersPage(PeersHistory.read(file));
            page.plots(stem).forEach((name, plot) -> files.put(folder.resolve(name), plot.svg()));
            files.put(folder.resolve(stem + ".md"), page.markdown(stem));
        }
        files.keySet().forEach(BenchHistory::requireOurs);
        files.forEach(BenchHistory::write);
        files.keySet().forEach(written -> out.println(written));
        return CommandLine.ExitCode.OK;
    }

    private boolean isOfGpu() {
        try (Stream<String> lines = Files.lines(file)) {
            return lines.findFirst().filter(GpuPage::isOne).isPresent();
        } catch (IOException | UncheckedIOException e) {
            return false; // whoever reads it whole says why
        }
    }

    /** What this command has made it makes again; nothing else is overwritten. */
    private static void requireOurs(Path target) {
        try {
            if (Files.exists(target) && !Files.readString(target).contains(PeersPage.MARK)) {
                throw new InvalidInputException("%s was not made by this command and stays as it is: move it, or name another file of JSON lines"
                        .formatted(target));
            }
        } catch (IOException e) {
            throw new InvalidInputException("%s cannot be read: %s".formatted(target, FileFailure.words(e)), e);
        }
    }

    private static void write(Path target, String text) {
        Path temporary = target.resolveSibling("." + target.getFileName() + ".tmp");
        try {
            Files.writeString(temporary, text);
            Files.move(temporary, target, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
        } catch (IOException e) {
            throw new InvalidInputException("%s cannot be written: %s".formatted(target, FileFailure.words(e)), e);
        }
    }
}
