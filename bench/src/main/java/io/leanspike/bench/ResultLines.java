package io.leanspike.bench;

import com.google.gson.Gson;
import com.google.gson.GsonBuilder;
import com.google.gson.JsonObject;
import io.leanspike.error.InvalidInputException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Instant;
import java.time.temporal.ChronoUnit;

/** The record of measurements: a file of JSON lines that only grows. */
record ResultLines(Path file, Machine machine, Effort effort) {
    private static final int SCHEMA = 1;
    private static final Gson GSON = new GsonBuilder().disableHtmlEscaping().create();

    /**
     * Adds one comparison.
     *
     * @param device the backend's own description, kernel variant included
     * @throws InvalidInputException when the file cannot be written
     */
    void append(Comparison comparison, String device) {
        JsonObject line = new JsonObject();
        line.addProperty("schema", SCHEMA);
        line.addProperty("date", Instant.now().truncatedTo(ChronoUnit.SECONDS).toString());
        line.add("machine", GSON.toJsonTree(machine));
        line.addProperty("device", device);
        line.addProperty("sgemm_library", OpenBlas.description());
        line.add("effort", GSON.toJsonTree(effort));
        GSON.toJsonTree(comparison).getAsJsonObject().entrySet().forEach(entry -> line.add(entry.getKey(), entry.getValue()));
        try {
            Path folder = file.toAbsolutePath().getParent();
            Files.createDirectories(folder);
            Files.write(file, (GSON.toJson(line) + "\n").getBytes(StandardCharsets.UTF_8),
                    StandardOpenOption.CREATE, StandardOpenOption.APPEND);
        } catch (IOException e) {
            throw new InvalidInputException("%s cannot be written: %s".formatted(file, e), e);
        }
    }
}
