package io.leanspike.bench.peers;

import com.google.gson.Gson;
import com.google.gson.JsonObject;
import com.google.gson.JsonParseException;
import com.google.gson.JsonParser;
import com.google.gson.reflect.TypeToken;
import io.leanspike.bench.Machine;
import io.leanspike.bench.Spread;
import io.leanspike.error.FileFailure;
import io.leanspike.error.InvalidInputException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;

/** Everything a file of JSON lines holds, in the order it was measured. */
record PeersHistory(List<Line> lines) {
    private static final Gson GSON = new Gson();
    private static final TypeToken<Map<String, Spread>> SPREADS = new TypeToken<>() {};

    /** One measurement. @param figures of the kind that {@code what} says */
    record Line(String date, Machine machine, String device, int threads, String what, JsonObject figures) {

        /** Figures of different places are never compared. */
        String place() {
            return "%s, %d processors, backend %s".formatted(machine.cpu(), machine.processors(), device);
        }

        ForwardComparison forward() {
            return GSON.fromJson(figures, ForwardComparison.class);
        }

        PeakMemory memory() {
            return GSON.fromJson(figures, PeakMemory.class);
        }

        Map<String, Spread> roofs() {
            return GSON.fromJson(figures, SPREADS);
        }

        Spread startSeconds() {
            return GSON.fromJson(figures.get("seconds"), Spread.class);
        }
    }

    /** @throws InvalidInputException naming the line that is not one of {@code bench peers} */
    static PeersHistory read(Path file) {
        List<String> text;
        try {
            text = Files.readAllLines(file);
        } catch (IOException e) {
            throw new InvalidInputException("%s cannot be read: %s; 'bench peers --json FILE' writes such a file"
                    .formatted(file, FileFailure.words(e)), e);
        }
        List<Line> lines = new ArrayList<>();
        for (int i = 0; i < text.size(); i++) {
            try {
                lines.add(line(JsonParser.parseString(text.get(i)).getAsJsonObject()));
            } catch (JsonParseException | IllegalStateException | NullPointerException | IllegalArgumentException e) {
                throw new InvalidInputException("%s, line %d: not a line of 'bench peers' (schema %s): %s"
                        .formatted(file, i + 1, PeerLines.SCHEMA, e.getMessage()), e);
            }
        }
        if (lines.isEmpty()) {
            throw new InvalidInputException("%s: it has no lines".formatted(file));
        }
        return new PeersHistory(lines);
    }

    private static Line line(JsonObject json) {
        if (!PeerLines.SCHEMA.equals(json.get("schema").getAsString())) {
            throw new IllegalArgumentException("its schema is " + json.get("schema"));
        }
        String what = json.get("what").getAsString();
        return new Line(json.get("date").getAsString(), GSON.fromJson(json.get("machine"), Machine.class), json.get("device").getAsString(),
                json.get("threads").getAsInt(), what, json.getAsJsonObject(what));
    }

    List<String> places() {
        return lines.stream().map(Line::place).distinct().toList();
    }

    List<Line> of(String place, String what) {
        return lines.stream().filter(line -> line.place().equals(place) && line.what().equals(what)).toList();
    }

    /** The last line for each key, in the order the keys first came. */
    static <K> Collection<Line> newest(List<Line> lines, Function<Line, K> key) {
        Map<K, Line> newest = new LinkedHashMap<>();
        lines.forEach(line -> newest.put(key.apply(line), line));
        return newest.values();
    }

    Optional<Line> last(String place, String what) {
        return of(place, what).stream().reduce((a, b) -> b);
    }
}
