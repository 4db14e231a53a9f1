package io.leanspike.compress.search;

import com.google.gson.Gson;
import com.google.gson.GsonBuilder;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import io.leanspike.error.FileFailure;
import io.leanspike.error.InvalidInputException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.OverlappingFileLockException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Supplier;

/**
 * Every evaluation of a search, a JSON line each, on disk before the search goes on: all that a search knows. A search that was killed asks
 * the same questions again when it is started again, has them answered from here, and goes on where it was. The first line holds the
 * settings that the answers depend on. A last line that a kill or a full disk cut off is dropped.
 *
 * <p>One process at a time may hold a journal.
 */
public final class EvaluationJournal implements AutoCloseable {
    private static final Gson GSON = new GsonBuilder().serializeNulls().disableHtmlEscaping().create();

    private record Key(Candidate candidate, String on) {}

    private final Path file;
    private final FileChannel channel;
    private final Map<Key, Outcome> outcomes = new LinkedHashMap<>();
    private long end;

    private EvaluationJournal(Path file, FileChannel channel) {
        this.file = file;
        this.channel = channel;
    }

    /**
     * Opens a journal, or begins one.
     *
     * @param settings what outcomes depend on
     * @throws InvalidInputException when it was begun with other settings, is damaged, in use, or cannot be written
     */
    public static EvaluationJournal open(Path file, JsonObject settings) {
        try {
            FileChannel channel = FileChannel.open(file, StandardOpenOption.READ, StandardOpenOption.WRITE, StandardOpenOption.CREATE);
            EvaluationJournal journal = new EvaluationJournal(file, channel);
            try {
                journal.lock();
                journal.read(settings);
                return journal;
            } catch (Throwable e) {
                channel.close();
                throw e;
            }
        } catch (IOException e) {
            throw new InvalidInputException("%s cannot be opened: %s".formatted(file, FileFailure.words(e)), e);
        }
    }

    /** @throws InvalidInputException when a search is writing this journal at the moment */
    public static void requireFree(Path file) {
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE)) {
            new EvaluationJournal(file, channel).lock();
        } catch (IOException e) {
            throw new InvalidInputException("%s cannot be opened: %s".formatted(file, FileFailure.words(e)), e);
        }
    }

    private void lock() throws IOException {
        try {
            if (channel.tryLock() != null) {
                return;
            }
        } catch (OverlappingFileLockException e) {
            // Held by this process: as taken as by another.
        }
        throw new InvalidInputException(file + " is in use: another search is writing it");
    }

    private void read(JsonObject settings) throws IOException {
        // Through the locked channel: closing another one on the same file would give the lock up (POSIX).
        ByteBuffer content = ByteBuffer.allocate(Math.toIntExact(channel.size()));
        while (content.hasRemaining() && channel.read(content, content.position()) >= 0) {
            // Positions move on.
        }
        byte[] bytes = content.array();
        int begin = 0;
        int number = 0;
        for (int i = 0; i < bytes.length; i++) {
            if (bytes[i] == '\n') {
                number++;
                JsonObject line;
                try {
                    line = JsonParser.parseString(new String(bytes, begin, i - begin, StandardCharsets.UTF_8)).getAsJsonObject();
                    if (number > 1) {
                        outcomes.put(new Key(SearchRecords.candidate(line.getAsJsonObject("candidate")), line.get("on").getAsString()),
                                SearchRecords.outcome(line.getAsJsonObject("outcome")));
                    }
                } catch (RuntimeException e) {
                    throw new InvalidInputException("%s: line %d is not an evaluation: begin the search anew".formatted(file, number), e);
                }
                if (number == 1) {
                    requireSame(line, settings);
                }
                begin = i + 1;
            }
        }
        end = begin;
        channel.truncate(end);
        if (number == 0) {
            append(settings);
        }
    }

    private void requireSame(JsonObject before, JsonObject now) {
        List<String> different = now.keySet().stream().filter(name -> !Objects.equals(before.get(name), now.get(name)))
                .map(name -> "%s was %s and is %s".formatted(name, before.get(name), now.get(name))).toList();
        if (!different.isEmpty()) {
            throw new InvalidInputException("%s was begun with other settings (%s): use these, another folder, or begin anew"
                    .formatted(file, String.join("; ", different)));
        }
    }

    /** Evaluations that it holds. */
    public int size() {
        return outcomes.size();
    }

    /**
     * The outcome of a candidate, evaluated only when it has not been before.
     *
     * @param on names the examples
     * @throws InvalidInputException when the outcome cannot be written, as on a full disk; what was there before stays readable
     */
    public Outcome outcome(Candidate candidate, String on, Supplier<Outcome> evaluation) {
        Key key = new Key(candidate, on);
        Optional<Outcome> known = Optional.ofNullable(outcomes.get(key));
        if (known.isPresent()) {
            return known.get();
        }
        Outcome outcome = evaluation.get();
        JsonObject line = new JsonObject();
        line.addProperty("on", on);
        line.add("candidate", SearchRecords.json(candidate));
        line.add("outcome", SearchRecords.json(outcome));
        append(line);
        outcomes.put(key, outcome);
        return outcome;
    }

    private void append(JsonObject line) {
        ByteBuffer bytes = ByteBuffer.wrap((GSON.toJson(line) + "\n").getBytes(StandardCharsets.UTF_8));
        try {
            long at = end;
            while (bytes.hasRemaining()) {
                at += channel.write(bytes, at);
            }
            channel.force(false);
            end = at;
        } catch (IOException e) {
            throw new InvalidInputException("%s cannot be written: %s; its %d evaluations are safe: make room and resume"
                    .formatted(file, e.getMessage(), outcomes.size()), e);
        }
    }

    @Override
    public void close() {
        try {
            channel.close();
        } catch (IOException e) {
            throw new InvalidInputException("%s cannot be closed: %s".formatted(file, FileFailure.words(e)), e);
        }
    }
}
