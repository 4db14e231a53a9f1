package io.leanspike.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;

import com.google.gson.JsonParser;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** README.md describes every field of {@code eval --json}, and no other. */
class EvalJsonSchemaTest {
    @TempDir
    Path folder;

    @Test
    void documentedFieldsAreTheWrittenFields() throws IOException {
        Path json = folder.resolve("r.json");
        Invocation.of("eval", "--limit", 2, "--timesteps", 2, "--early-exit", 0.5, "--exit-timesteps", 1, "--json", json).fine();
        assertEquals(DocumentedFields.of("`eval --json`"), DocumentedFields.written(JsonParser.parseString(Files.readString(json))));
    }
}
