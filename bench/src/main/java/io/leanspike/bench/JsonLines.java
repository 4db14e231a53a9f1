package io.leanspike.bench;

import com.google.gson.Gson;
import com.google.gson.GsonBuilder;
import com.google.gson.JsonObject;
import io.leanspike.error.FileFailure;
import io.leanspike.error.InvalidInputException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Instant;
import java.time.temporal.ChronoUnit;

/** A file of JSON lines that only grows. */
public record JsonLines(Path file) {
    private static final Gson GSON = new GsonBuilder().disableHtmlEscaping().create();

    /** @throws InvalidInputException when no line can be added there: a long measurement should not end in that */
    public JsonLines {
        Path there = file.toAbsolutePath();
        while (!Files.exists(there)) {
            there = there.getParent();
        }
        boolean isFolder = Files.isDirectory(there);
        if (Files.exists(file) ? isFolder : !isFolder) {
            throw new InvalidInputException("%s cannot be written: %s is %s".formatted(file, there, isFolder ? "a folder" : "a file"));
        }
        if (!Files.isWritable(there)) {
            throw new InvalidInputException("%s cannot be written: permission denied".formatted(file));
        }
    }

    /** A line's beginning: what it holds, when and on what machine it was made. */
    public static JsonObject line(Object schema, Machine machine) {
        JsonObject line = new JsonObject();
        line.add("schema", GSON.toJsonTree(schema));
        line.addProperty("date", Instant.now().truncatedTo(ChronoUnit.SECONDS).toString());
        line.add("machine", GSON.toJsonTree(machine));
        return line;
    }

    /** @throws InvalidInputException when the file cannot be written */
    public void append(JsonObject line) {
        try {
            Files.createDirectories(file.toAbsolutePath().getParent());
            Files.write(file, (GSON.toJson(line) + "\n").getBytes(StandardCharsets.UTF_8),
                    StandardOpenOption.CREATE, StandardOpenOption.APPEND);
        } catch (IOException e) {
            throw new InvalidInputException("%s cannot be written: %s".formatted(file, FileFailure.words(e)), e);
        }
    }
}
