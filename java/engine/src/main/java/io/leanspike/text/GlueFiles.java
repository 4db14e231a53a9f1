package io.leanspike.text;

import io.leanspike.error.InvalidInputException;
import io.leanspike.error.Quoted;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/** Finds a task's files in the folders that GLUE downloads come in. */
final class GlueFiles {
    private static final Pattern SPLIT = Pattern.compile("[A-Za-z0-9][A-Za-z0-9._-]*");

    private GlueFiles() {}

    static Path find(GlueTask task, Path data, String split) {
        if (Files.isRegularFile(data)) {
            return data;
        }
        if (!Files.isDirectory(data)) {
            throw new InvalidInputException(
                    "%s: no such file or folder; give a TSV file, the folder of task %s or a GLUE folder".formatted(data, task));
        }
        if (!SPLIT.matcher(split).matches()) {
            throw new InvalidInputException("%s is not the name of a split, as dev, train or test are".formatted(Quoted.of(split)));
        }
        List<Path> candidates = new ArrayList<>();
        for (Path folder : List.of(data, data.resolve(folder(task)))) {
            for (String name : names(task, split)) {
                candidates.add(folder.resolve(name));
            }
        }
        return candidates.stream().filter(Files::isRegularFile).findFirst().orElseThrow(() -> {
            String tried = candidates.stream().map(file -> data.relativize(file).toString()).collect(Collectors.joining(", "));
            return new InvalidInputException("%s: no %s split of %s here; looked for %s".formatted(data, split, task, tried));
        });
    }

    private static String folder(GlueTask task) {
        return task == GlueTask.MNLI_MM ? "MNLI" : task.toString();
    }

    private static List<String> names(GlueTask task, String split) {
        String plain = split + ".tsv";
        boolean official = split.equals("dev") || split.equals("test");
        return switch (task) {
            case MNLI -> official ? List.of(split + "_matched.tsv", plain) : List.of(plain);
            case MNLI_MM -> official ? List.of(split + "_mismatched.tsv", plain) : List.of(plain);
            default -> List.of(plain);
        };
    }
}
