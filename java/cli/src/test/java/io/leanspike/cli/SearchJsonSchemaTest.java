package io.leanspike.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;

import com.google.gson.JsonObject;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** README.md describes every field of {@code search.json}, and no other. */
class SearchJsonSchemaTest {
    @TempDir
    Path folder;

    @Test
    void documentedFieldsAreTheWrittenFields() throws IOException {
        Path out = folder.resolve("search");
        SmallSearch.in(folder).run(out, "--generations", 1).fine();
        JsonObject json = new SearchFolder(out).readResult();
        // README.md describes a point and an outcome once each.
        Set<String> written = DocumentedFields.written(json).stream()
                .map(field -> field.replaceFirst("^uncompressed\\.", "points[].").replaceFirst("^greedy\\.", "points[].calibration.")
                        .replaceFirst("^points\\[]\\.report\\.", "points[].calibration.").replaceFirst("^points\\[]\\.layers\\[]\\.before\\.",
                                "points[].layers[]."))
                .collect(Collectors.toSet());
        assertEquals(DocumentedFields.of("`compress search`"), written);
    }
}
