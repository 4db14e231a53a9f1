package io.leanspike.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;

import com.google.gson.JsonParser;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A file of examples that is not as it must be is refused in one line naming file, line and cause, and nothing is written. */
class BadDataTest {
    @TempDir
    Path folder;

    @Test
    void missingFile() {
        evaluate(folder.resolve("nowhere.tsv")).refused("nowhere.tsv", "no such file");
    }

    @Test
    void splitOfAFile() throws IOException {
        Path file = folder.resolve("dev.tsv");
        Files.writeString(file, "sentence\tlabel\na film\t1\n");
        Invocation.of("eval", "--task", "SST-2", "--data", file, "--split", "train").refused("--split train", "dev.tsv is a file");
    }

    @Test
    void emptyFile() throws IOException {
        refused("", "dev.tsv", "empty");
    }

    @Test
    void missingColumnInTheHeader() throws IOException {
        refused("text\tlabel\na film\t1\n", "dev.tsv:1", "sentence");
    }

    @Test
    void rowWithMissingColumns() throws IOException {
        refused("sentence\tlabel\na film\t1\nanother\n", "dev.tsv:3", "1 columns");
    }

    @Test
    void unknownLabel() throws IOException {
        refused("sentence\tlabel\na film\tgood\n", "dev.tsv:2", "'good'");
    }

    @Test
    void emptyText() throws IOException {
        refused("sentence\tlabel\na film\t1\n \t1\n", "dev.tsv:3", "empty");
    }

    @Test
    void invalidUtf8() throws IOException {
        Path file = folder.resolve("dev.tsv");
        Files.write(file, "sentence\tlabel\ncaf\u00e9\t1\n".getBytes(StandardCharsets.ISO_8859_1));
        evaluate(file).refused("dev.tsv:2", "UTF-8");
    }

    @Test
    void taskOfOtherLabels() throws IOException {
        Path file = folder.resolve("dev.tsv");
        Files.writeString(file, "sentence1\tsentence2\tscore\na\tb\t1.5\n");
        Invocation.of("eval", "--task", "STS-B", "--data", file).refused("STS-B", "[negative, positive]");
    }

    @Test
    void overlongSentenceIsTruncatedAndCounted() throws IOException {
        Path file = folder.resolve("dev.tsv");
        Path json = folder.resolve("r.json");
        Files.writeString(file, "sentence\tlabel\n" + "good ".repeat(500) + "\t1\na short one\t0\n");
        Invocation run = Invocation.of("eval", "--task", "SST-2", "--data", file, "--timesteps", 1, "--json", json).fine();
        assertEquals(1, JsonParser.parseString(Files.readString(json)).getAsJsonObject().get("truncated").getAsInt());
        assertEquals(true, run.out().contains("1 truncated to the model's 128 tokens"), run.out());
    }

    private void refused(String content, String... message) throws IOException {
        Path file = folder.resolve("dev.tsv");
        Files.writeString(file, content);
        evaluate(file).refused(message);
        assertEquals(1, Files.list(folder).count(), "nothing half-written");
    }

    private Invocation evaluate(Path file) {
        return Invocation.of("eval", "--task", "SST-2", "--data", file, "--timesteps", 1,
                "--json", folder.resolve("r.json"), "--predictions", folder.resolve("p.tsv"));
    }
}
