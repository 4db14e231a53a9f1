package io.leanspike.model;

import static io.leanspike.model.Refusal.assertRefused;
import static org.junit.jupiter.api.Assertions.assertEquals;

import io.leanspike.SharedData;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ModelConfigReaderTest {
    private static final String VALID = """
            {"vocab_size": 61, "hidden_size": 32, "num_attention_heads": 4, "intermediate_size": 64, "num_hidden_layers": 3,
             "max_position_embeddings": 24, "type_vocab_size": 2, "hidden_act": "gelu", "layer_norm_eps": 1e-12, "num_labels": 2,
             "architectures": ["Any"], "nested": {"ignored": [1, {"a": null}]},
             "spiking": {"timesteps": 12, "threshold": 1.5, "leak": 0.9, "ignored": true}}""";

    @TempDir
    private Path folder;

    @Test
    void everyFieldIsRead() {
        ModelConfig expected = new ModelConfig(61, 32, 4, 64, 3, 24, 2, 1e-12, List.of("LABEL_0", "LABEL_1"),
                new SpikingConfig(List.of(12, 12, 12), 1.5, 0.9, 0));
        assertEquals(expected, read(VALID));
        assertEquals(8, expected.headSize());
    }

    @Test
    void configOfTheSharedModelIsRead() {
        ModelConfig config = ModelConfigReader.read(SharedData.directory("models/sst2-tiny").resolve("config.json"));
        assertEquals(List.of("negative", "positive"), config.labels());
        assertEquals(List.of(16, 16), config.spiking().timesteps());
        assertEquals(30522, config.vocabularySize());
    }

    @Test
    void timestepsMayDifferByLayer() {
        assertEquals(List.of(4, 2, 65536), read(with("timesteps", "[4, 2, 65536]")).spiking().timesteps());
    }

    @Test
    void initialPotentialIsReadAndDefaultsToZero() {
        assertEquals(0.5, read(with("leak", "1, \"initial_potential\": 0.5")).spiking().initialPotential());
        assertEquals(0, read(VALID).spiking().initialPotential());
    }

    @Test
    void labelsComeFromId2labelInTheOrderOfTheirKeys() {
        String twelve = "{\"11\":\"l\",\"10\":\"k\",\"9\":\"j\",\"8\":\"i\",\"7\":\"h\",\"6\":\"g\",\"5\":\"f\",\"4\":\"e\","
                + "\"3\":\"d\",\"2\":\"c\",\"1\":\"b\",\"0\":\"a\"}";
        assertEquals(List.of("a", "b", "c", "d", "e", "f", "g", "h", "i", "j", "k", "l"),
                read(with("num_labels", "12, \"id2label\": " + twelve)).labels());
    }

    @Test
    void numberOfLabelsMayComeFromEitherFieldAndDefaultsToTwo() {
        assertEquals(List.of("LABEL_0"), read(with("num_labels", "1")).labels());
        assertEquals(List.of("x"), read(VALID.replace("\"num_labels\": 2", "\"id2label\": {\"0\": \"x\"}")).labels());
        assertEquals(List.of("LABEL_0", "LABEL_1"), read(VALID.replace("\"num_labels\": 2,", "")).labels());
    }

    @ParameterizedTest
    @ValueSource(strings = {"vocab_size", "hidden_size", "num_attention_heads", "intermediate_size", "num_hidden_layers",
        "max_position_embeddings", "type_vocab_size", "hidden_act", "layer_norm_eps", "spiking"})
    void missingFieldIsNamed(String field) {
        assertFieldRefused(VALID.replace("\"" + field + "\"", "\"x_" + field + "\""), field, "is missing");
    }

    @ParameterizedTest
    @ValueSource(strings = {"timesteps", "threshold", "leak"})
    void missingSpikingFieldIsNamed(String field) {
        assertFieldRefused(VALID.replace("\"" + field + "\"", "\"x_" + field + "\""), "spiking." + field, "is missing");
    }

    @ParameterizedTest
    @ValueSource(strings = {"vocab_size", "hidden_size", "num_attention_heads", "intermediate_size", "num_hidden_layers",
        "max_position_embeddings", "type_vocab_size", "num_labels"})
    void sizeThatIsNotAPositiveWholeNumberIsRefused(String field) {
        for (String value : List.of("0", "-1", "2147483648", "99999999999999999999")) {
            assertFieldRefused(with(field, value), field, "is " + value, "must be from 1 to");
        }
        for (String value : List.of("1.5", "32.0", "1e3")) {
            assertFieldRefused(with(field, value), field, value, "is not a whole number");
        }
        for (String value : List.of("\"32\"", "null", "true", "[32]", "{}")) {
            assertFieldRefused(with(field, value), field, value, "instead of a whole number");
        }
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            timesteps         | 0              | is 0, but must be from 1 to 65536
            timesteps         | -3             | is -3, but must be from 1 to 65536
            timesteps         | 65537          | is 65537, but must be from 1 to 65536
            timesteps         | 2.5            | is 2.5, which is not a whole number
            timesteps         | "4"            | instead of a whole number
            timesteps         | null           | instead of a whole number
            timesteps         | []             | has 0 entries, but num_hidden_layers is 3
            timesteps         | [4]            | has 1 entries, but num_hidden_layers is 3
            timesteps         | [4, 4, 4, 4]   | has 4 entries, but num_hidden_layers is 3
            threshold         | 0              | must be above 0
            threshold         | -1             | must be above 0
            threshold         | 1e-60          | must be above 0
            threshold         | 1e400          | must be above 0
            threshold         | 1e39           | must be above 0
            threshold         | "1"            | instead of a number
            leak              | 0              | must be above 0 and at most 1
            leak              | 1.0001         | must be above 0 and at most 1
            leak              | -0.5           | must be above 0 and at most 1
            leak              | null           | instead of a number
            """)
    void spikingFieldOutOfRangeIsRefused(String field, String value, String cause) {
        assertFieldRefused(with(field, value), "spiking." + field, cause);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            [4, 0, 4]         | timesteps[1]   | is 0, but must be from 1 to 65536
            [4, 4, 4.5]       | timesteps[2]   | is 4.5, which is not a whole number
            ["4", 4, 4]       | timesteps[0]   | instead of a whole number
            [4, [4], 4]       | timesteps[1]   | instead of a whole number
            """)
    void badEntryOfTheTimestepListIsNamed(String list, String entry, String cause) {
        assertFieldRefused(with("timesteps", list), "spiking." + entry, cause);
    }

    @ParameterizedTest
    @ValueSource(strings = {"-0.1", "1", "0.99999999999", "1e400"})
    void initialPotentialOutsideZeroToOneIsRefused(String value) {
        assertFieldRefused(with("leak", "1, \"initial_potential\": " + value), "spiking.initial_potential", "at least 0 and below 1");
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            hidden_size             | 33            | is 33, not divisible by num_attention_heads 4
            hidden_act              | "relu"        | is 'relu'; supported is "gelu"
            hidden_act              | "gelu_new"    | is 'gelu_new'; supported is "gelu"
            hidden_act              | 1             | instead of a string
            layer_norm_eps          | 0             | must be above 0
            layer_norm_eps          | -1e-12        | must be above 0
            layer_norm_eps          | "1e-12"       | instead of a number
            num_hidden_layers       | 2000000000    | must be from 1 to 1024
            spiking                 | null, "x": {} | instead of a JSON object
            spiking                 | 7, "x": {}    | instead of a JSON object
            """)
    void fieldThatTheEngineCannotFollowIsRefused(String field, String value, String cause) {
        String json = field.equals("spiking")
                ? VALID.replace("\"spiking\": {", "\"spiking\": " + value.replace("{}", "{"))
                : with(field, value);
        assertFieldRefused(json, field, cause);
    }

    @Test
    void relativePositionsAreRefused() {
        assertFieldRefused(with("vocab_size", "61, \"position_embedding_type\": \"relative_key\""),
                "position_embedding_type", "supported is \"absolute\"");
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            2, "id2label": {"0": "a"}                       | num_labels  | is 2, but id2label has 1 labels
            2, "id2label": {}                               | id2label    | has 0 labels
            2, "id2label": {"1": "a", "2": "b"}             | id2label    | has no label "0": its 2 keys must be 0 to 1
            2, "id2label": {"0": "a", "01": "b"}            | id2label    | has no label "1"
            2, "id2label": {"0": "a", "1": 5}               | id2label.1  | instead of a string
            2, "id2label": ["a", "b"]                       | id2label    | instead of a JSON object
            """)
    void labelsThatDoNotFitAreRefused(String numLabels, String field, String cause) {
        assertFieldRefused(with("num_labels", numLabels), field, cause);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = """
            ``                       | is not valid JSON
            []                       | is not a JSON object
            {"vocab_size": 61        | is not valid JSON
            {"vocab_size": 61,}      | is not valid JSON
            {"a": NaN}               | is not valid JSON
            {"a": 1, "a": 1}         | has the key 'a' more than once
            {"a": {"b": 1, "b": 1}}  | has the key 'b' more than once
            {} {}                    | goes on after its JSON object
            """)
    void textThatIsNotOneStrictJsonObjectIsRefused(String text, String cause) {
        Path file = write(text);
        assertRefused(() -> ModelConfigReader.read(file), file, cause);
    }

    @Test
    void deeplyNestedTextIsRefusedWithoutExhaustingTheStack() {
        Path file = write("{\"a\":" + "[".repeat(1_000_000));
        assertRefused(() -> ModelConfigReader.read(file), file, "deeper than 64 levels");
    }

    @Test
    void absentOrUnreadableFileIsNamed() throws IOException {
        Path file = folder.resolve("config.json");
        assertRefused(() -> ModelConfigReader.read(file), file, "does not exist");
        Files.write(file, new byte[] {'{', '"', (byte) 0xff, '"', ':', '1', '}'});
        assertRefused(() -> ModelConfigReader.read(file), file, "is not UTF-8 text");
        assertRefused(() -> ModelConfigReader.read(folder), folder, "is not a file");
    }

    /** The valid text with the value of one field replaced. */
    private static String with(String field, String value) {
        String changed = VALID.replaceFirst("\"" + field + "\": [^,}]+", "\"" + field + "\": " + value.replace("\\", "\\\\"));
        if (changed.equals(VALID)) {
            throw new IllegalArgumentException("no field " + field);
        }
        return changed;
    }

    private ModelConfig read(String json) {
        return ModelConfigReader.read(write(json));
    }

    private void assertFieldRefused(String json, String field, String... causes) {
        Path file = write(json);
        assertRefused(() -> ModelConfigReader.read(file), file, "field \"" + field + "\"");
        assertRefused(() -> ModelConfigReader.read(file), (Object[]) causes);
    }

    private Path write(String json) {
        try {
            return Files.writeString(folder.resolve("config.json"), json);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
