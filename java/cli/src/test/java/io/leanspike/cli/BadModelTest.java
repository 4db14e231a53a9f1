package io.leanspike.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Comparator;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** A model folder that is not as it must be is refused in one line naming file and cause, and nothing is written. */
class BadModelTest {
    private static final String WEIGHTS = "model.safetensors";

    @TempDir
    Path temporary;
    private Path model;
    private Path results;

    @BeforeEach
    void folders() throws IOException {
        model = temporary.resolve("model");
        results = Files.createDirectory(temporary.resolve("results"));
    }

    @Test
    void missingFolder() throws IOException {
        refused(model + " does not exist");
    }

    @Test
    void emptyFolder() throws IOException {
        Files.createDirectory(model);
        refused(model + " is empty", "config.json");
    }

    @Test
    void fileInPlaceOfAFolder() throws IOException {
        Files.writeString(model, "text");
        refused(model + " is a file");
    }

    static Stream<Arguments> damages() {
        return Stream.of(
                damage("no weights file", broken -> delete(broken, WEIGHTS), WEIGHTS, "does not exist"),
                damage("no vocabulary", broken -> delete(broken, "vocab.txt"), "vocab.txt"),
                damage("truncated weights", broken -> broken.weights(bytes -> Arrays.copyOf(bytes, bytes.length - 100)), WEIGHTS),
                damage("weights of 5 bytes", broken -> broken.weights(bytes -> Arrays.copyOf(bytes, 5)), WEIGHTS, "5 bytes"),
                damage("header length beyond the file", broken -> broken.weights(bytes -> {
                    ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN).putLong(0, 1L << 40);
                    return bytes;
                }), WEIGHTS, "header length is 1099511627776"),
                damage("header that is no JSON", broken -> broken.weights(bytes -> {
                    bytes[8] = 'x';
                    return bytes;
                }), WEIGHTS, "JSON"),
                damage("overlapping offsets", broken -> broken.header(BadModelTest::overlap), WEIGHTS, "overlap"),
                damage("offsets beyond the file", broken -> broken.header(
                        header -> offsets(header, "classifier.weight", 1L << 40, (1L << 40) + 1024)), WEIGHTS, "tensor '", "data"),
                damage("wrong type", broken -> broken.header(header -> tensor(header, "classifier.weight").addProperty("dtype", "I32")),
                        WEIGHTS, "classifier.weight", "I32"),
                damage("wrong shape", broken -> broken.header(header -> tensor(header, "classifier.weight").add("shape", array(128, 2))),
                        WEIGHTS, "classifier.weight", "[128, 2]"),
                damage("missing tensor", broken -> broken.header(
                        header -> header.add("classifier.other", header.remove("classifier.bias"))), WEIGHTS, "classifier.bias", "missing"),
                damage("NaN", broken -> broken.element("classifier.weight", 3, Float.NaN), WEIGHTS, "classifier.weight", "NaN"),
                damage("infinity", broken -> broken.element("bert.encoder.layer.1.output.dense.bias", 7, Float.POSITIVE_INFINITY),
                        WEIGHTS, "bert.encoder.layer.1.output.dense.bias", "nfinity"),
                damage("config that is no JSON", broken -> broken.edit("config.json", text -> text.substring(0, 40)), "config.json"),
                damage("config without timesteps", broken -> broken.edit("config.json", text -> text.replace("timesteps", "steps")),
                        "config.json", "timesteps"),
                damage("T = 0 in the config", broken -> broken.edit("config.json", text -> text.replace(": 16", ": 0")),
                        "config.json", "timesteps", "0"),
                damage("a longer vocabulary than the embedding table", broken -> broken.edit("vocab.txt", text -> text + "extraword\n"),
                        "vocab.txt", "30522 rows"));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("damages")
    void damagedModel(String name, Consumer<BrokenModel> damage, String[] message) throws IOException {
        damage.accept(BrokenModel.copy(model));
        refused(message);
    }

    private void refused(String... message) throws IOException {
        Invocation.of("eval", "--model", model, "--limit", 1, "--timesteps", 1,
                "--json", results.resolve("r.json"), "--predictions", results.resolve("p.tsv")).refused(message);
        assertEquals(0, Files.list(results).count(), "nothing half-written");
        Invocation classified = Invocation.of("classify", "--model", model, "--timesteps", 1, "a film").refused(message);
        assertEquals("", classified.out());
    }

    private static Arguments damage(String name, Consumer<BrokenModel> damage, String... message) {
        return Arguments.of(name, damage, message);
    }

    private static void delete(BrokenModel model, String name) {
        try {
            Files.delete(model.folder().resolve(name));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static JsonObject tensor(JsonObject header, String name) {
        return header.getAsJsonObject(name);
    }

    private static void offsets(JsonObject header, String name, long begin, long end) {
        tensor(header, name).add("data_offsets", array(begin, end));
    }

    /** The last tensor of the file begins one byte before the end of the one before it. */
    private static void overlap(JsonObject header) {
        String last = header.keySet().stream().filter(name -> !name.equals("__metadata__"))
                .max(Comparator.comparingLong(name -> offset(header, name, 0))).orElseThrow();
        offsets(header, last, offset(header, last, 0) - 1, offset(header, last, 1) - 1);
    }

    private static long offset(JsonObject header, String name, int which) {
        return tensor(header, name).getAsJsonArray("data_offsets").get(which).getAsLong();
    }

    private static JsonElement array(long first, long second) {
        JsonArray array = new JsonArray();
        array.add(first);
        array.add(second);
        return array;
    }
}
