package io.leanspike.bench;

import com.google.gson.Gson;
import com.google.gson.JsonObject;
import io.leanspike.error.InvalidInputException;
import java.nio.file.Path;

/** The record of side-by-side measurements. */
record ResultLines(Path file, Machine machine, Effort effort) {
    private static final int SCHEMA = 1;
    private static final Gson GSON = new Gson();

    /**
     * Adds one comparison.
     *
     * @param device the backend's own description, kernel variant included
     * @throws InvalidInputException when the file cannot be written
     */
    void append(Comparison comparison, String device) {
        JsonObject line = JsonLines.line(SCHEMA, machine);
        line.addProperty("device", device);
        line.addProperty("sgemm_library", OpenBlas.description());
        line.add("effort", GSON.toJsonTree(effort));
        GSON.toJsonTree(comparison).getAsJsonObject().entrySet().forEach(entry -> line.add(entry.getKey(), entry.getValue()));
        new JsonLines(file).append(line);
    }
}
