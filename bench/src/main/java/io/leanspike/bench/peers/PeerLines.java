package io.leanspike.bench.peers;

import com.google.gson.Gson;
import com.google.gson.GsonBuilder;
import com.google.gson.JsonObject;
import io.leanspike.bench.Effort;
import io.leanspike.bench.JsonLines;
import io.leanspike.bench.Machine;
import java.nio.file.Path;
import java.util.Optional;

/** The record of a run: a JSON line for each thing measured, {@code what} says which kind. */
record PeerLines(Optional<Path> file, Machine machine, String device, int threads, Effort effort) {
    static final String SCHEMA = "leanspike.peers/1";
    private static final Gson GSON = new GsonBuilder().disableHtmlEscaping().create();

    /** @throws io.leanspike.error.InvalidInputException when the file cannot be written */
    void append(String what, Object figures) {
        file.ifPresent(path -> {
            JsonObject line = JsonLines.line(SCHEMA, machine);
            line.addProperty("device", device);
            line.addProperty("threads", threads);
            line.add("effort", GSON.toJsonTree(effort));
            line.addProperty("what", what);
            line.add(what, GSON.toJsonTree(figures));
            new JsonLines(path).append(line);
        });
    }
}
