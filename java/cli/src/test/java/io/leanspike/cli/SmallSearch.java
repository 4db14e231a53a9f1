package io.leanspike.cli;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;

/**
 * A search that takes a second: the bundled model at few timesteps, on a handful of its own reviews.
 *
 * @param data a TSV of SST-2
 */
record SmallSearch(Path model, Path data) {

    static SmallSearch in(Path folder) {
        Path model = BrokenModel.copy(folder.resolve("model")).edit("config.json",
                text -> text.replaceAll("\"timesteps\": *\\d+", "\"timesteps\": 4")).folder();
        Path data = folder.resolve("reviews.tsv");
        try {
            Files.write(data, List.of("sentence\tlabel", "a warm and funny film\t1", "a dull , lifeless mess\t0", "simply wonderful\t1",
                    "the plot is a bore\t0", "one of the best films of the year\t1", "painfully bad\t0"));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return new SmallSearch(model, data);
    }

    /** Arguments of the search into {@code out}. */
    String[] arguments(Path out, Object... more) {
        List<Object> arguments = new ArrayList<>(List.of("compress", "search", "--model", model, "--out", out, "--task", "SST-2", "--data",
                data, "--backend", "reference"));
        Map.of("--population", 6, "--generations", 4, "--budget", 40).forEach((option, value) -> {
            if (!Arrays.asList(more).contains(option)) {
                arguments.addAll(List.of(option, value));
            }
        });
        arguments.addAll(Arrays.asList(more));
        return arguments.stream().map(Object::toString).toArray(String[]::new);
    }

    Invocation run(Path out, Object... more) {
        return Invocation.of((Object[]) arguments(out, more));
    }

    /** Numbers from 1 to the last point. */
    static int[] points(Path out) {
        return IntStream.rangeClosed(1, new SearchFolder(out).readResult().getAsJsonArray("points").size()).toArray();
    }
}
