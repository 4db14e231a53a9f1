package io.leanspike.cli;

import com.google.gson.JsonObject;
import com.google.gson.JsonParseException;
import com.google.gson.JsonParser;
import io.leanspike.compress.ImportanceFile;
import io.leanspike.compress.UnitImportance;
import io.leanspike.compress.search.Candidate;
import io.leanspike.compress.search.EvaluationJournal;
import io.leanspike.compress.search.SearchRecords;
import io.leanspike.error.FileFailure;
import io.leanspike.error.InvalidInputException;
import io.leanspike.model.ModelConfig;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.function.Supplier;
import java.util.stream.Stream;

/** The folder of a search: what it needs to go on after a kill, and its results. */
record SearchFolder(Path path) {
    private static final String JOURNAL = "evaluations.jsonl";
    private static final String IMPORTANCE = "importance.safetensors";
    private static final String RESULT = "search.json";
    private static final String TABLE = "search.csv";
    private static final String PAGE = "search.html";
    private static final Set<String> FILES = Set.of(JOURNAL, IMPORTANCE, RESULT, TABLE, PAGE);

    /**
     * Makes the folder, or checks that the search there may go on.
     *
     * @param resume go on with what is there
     * @param force delete an earlier search
     * @throws InvalidInputException when the folder holds an earlier search and neither is asked for, a search that is running, or files of
     *     something else
     */
    void prepare(boolean resume, boolean force) {
        try {
            Files.createDirectories(path);
            List<Path> files;
            try (Stream<Path> all = Files.list(path)) {
                files = all.toList();
            }
            files.stream().filter(file -> !isOurs(file)).findFirst().ifPresent(file -> {
                throw new InvalidInputException(
                        "%s holds %s, which is of no search: name another folder".formatted(path, file.getFileName()));
            });
            if (!files.isEmpty() && !resume && !force) {
                throw new InvalidInputException("%s holds a search: go on with it by --resume, or begin anew by --force".formatted(path));
            }
            if (Files.exists(journal())) {
                EvaluationJournal.requireFree(journal());
            }
            for (Path file : files) {
                // What a kill left half written goes in any case.
                if (force || !FILES.contains(file.getFileName().toString())) {
                    Files.delete(file);
                }
            }
        } catch (IOException e) {
            throw new InvalidInputException("%s cannot be used: %s".formatted(path, FileFailure.words(e)), e);
        }
    }

    private static boolean isOurs(Path file) {
        String name = file.getFileName().toString();
        return FILES.contains(name) || FILES.stream().anyMatch(ours -> name.startsWith("." + ours + ".") && name.endsWith(".tmp"));
    }

    Path journal() {
        return path.resolve(JOURNAL);
    }

    Path page() {
        return path.resolve(PAGE);
    }

    OutputFile result() {
        return new OutputFile(path.resolve(RESULT));
    }

    OutputFile table() {
        return new OutputFile(path.resolve(TABLE));
    }

    OutputFile pageFile() {
        return new OutputFile(page());
    }

    /** The ranking of units that the search began with; measured where it begins. */
    List<UnitImportance> importance(ModelConfig config, Supplier<List<UnitImportance>> measurement) {
        if (!Files.exists(path.resolve(IMPORTANCE))) {
            if (Files.exists(journal())) {
                throw new InvalidInputException(
                        "%s lacks %s, which its evaluations depend on: begin anew by --force".formatted(path, IMPORTANCE));
            }
            ImportanceFile.write(measurement.get(), path.resolve(IMPORTANCE));
        }
        return importance(config);
    }

    /** @throws InvalidInputException when it cannot be read, or is another model's */
    List<UnitImportance> importance(ModelConfig config) {
        return ImportanceFile.read(path.resolve(IMPORTANCE), config);
    }

    /**
     * What models can be made of.
     *
     * @param model the folder that was searched, as it was named
     * @param fingerprint of that model
     * @param points in the order of their numbers
     */
    record Found(Path model, String fingerprint, List<Candidate> points) {}

    /** @throws InvalidInputException when there is no result, or it is not what a search writes */
    Found found() {
        JsonObject result = readResult();
        try {
            List<Candidate> points = result.getAsJsonArray("points").asList().stream()
                    .map(point -> SearchRecords.candidate(point.getAsJsonObject().getAsJsonObject("candidate"))).toList();
            return new Found(Path.of(result.get("model").getAsString()), result.get("model_sha256").getAsString(), points);
        } catch (RuntimeException e) {
            throw new InvalidInputException("%s is not what leanspike compress search writes".formatted(path.resolve(RESULT)), e);
        }
    }

    /** The result of a search that has ended. @throws InvalidInputException when there is none */
    JsonObject readResult() {
        Path file = path.resolve(RESULT);
        if (!Files.exists(file)) {
            throw new InvalidInputException("%s has no %s: it is not the folder of a search that has ended".formatted(path, RESULT));
        }
        try {
            return JsonParser.parseString(Files.readString(file)).getAsJsonObject();
        } catch (IOException | JsonParseException | IllegalStateException e) {
            throw new InvalidInputException("%s cannot be read: %s".formatted(file, e.getMessage()), e);
        }
    }
}
