package io.leanspike.train.loop;

import com.google.gson.Gson;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import io.leanspike.error.FileFailure;
import io.leanspike.error.InvalidInputException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;

/** Metrics as JSON lines, one object with a {@code step} a line. */
public final class MetricsLog {
    private static final Gson GSON = new Gson();

    private final Path file;
    private final List<JsonObject> lines = new ArrayList<>();

    /** Opens the log as it was at a step: later lines, of a training that was cut short, are dropped. */
    public MetricsLog(Path file, long step) {
        this.file = file;
        try {
            if (Files.exists(file)) {
                for (String line : Files.readAllLines(file)) {
                    // The last line of a killed process may be cut off.
                    if (line.endsWith("}")) {
                        JsonObject read = JsonParser.parseString(line).getAsJsonObject();
                        if (read.get("step").getAsLong() <= step) {
                            lines.add(read);
                        }
                    }
                }
            }
            Path temporary = file.resolveSibling("." + file.getFileName() + ".tmp");
            Files.write(temporary, lines.stream().map(GSON::toJson).toList());
            Files.move(temporary, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
        } catch (IOException e) {
            throw new InvalidInputException("%s cannot be written: %s".formatted(file, FileFailure.words(e)), e);
        }
    }

    /** Appends a line. @throws InvalidInputException when it cannot be written, as on a full disk */
    public void add(JsonObject line) {
        lines.add(line);
        try {
            Files.writeString(file, GSON.toJson(line) + "\n", StandardOpenOption.APPEND);
        } catch (IOException e) {
            throw new InvalidInputException("%s cannot be written: %s".formatted(file, FileFailure.words(e)), e);
        }
    }

    /** All lines so far. */
    public List<JsonObject> lines() {
        return List.copyOf(lines);
    }
}
