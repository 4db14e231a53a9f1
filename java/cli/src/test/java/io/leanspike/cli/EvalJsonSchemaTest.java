package io.leanspike.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;

import com.google.gson.JsonElement;
import com.google.gson.JsonParser;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** README.md describes every field of {@code eval --json}, and no other. */
class EvalJsonSchemaTest {
    private static final Pattern ROW = Pattern.compile("^\\| `([^`]+)` \\|", Pattern.MULTILINE);

    @TempDir
    Path folder;

    @Test
    void documentedFieldsAreTheWrittenFields() throws IOException {
        Path json = folder.resolve("r.json");
        Invocation.of("eval", "--limit", 2, "--timesteps", 2, "--early-exit", 0.5, "--exit-timesteps", 1, "--json", json).fine();
        Set<String> written = new TreeSet<>();
        collect("", JsonParser.parseString(Files.readString(json)), written);
        assertEquals(documented(), written);
    }

    private static Set<String> documented() throws IOException {
        String readme = Files.readString(Path.of("README.md"));
        int start = readme.indexOf("## `eval --json`");
        Matcher rows = ROW.matcher(readme.substring(start, readme.indexOf("\n## ", start + 1)));
        Set<String> fields = new TreeSet<>();
        while (rows.find()) {
            fields.add(rows.group(1));
        }
        return fields;
    }

    private static void collect(String path, JsonElement element, Set<String> into) {
        if (element.isJsonObject()) {
            element.getAsJsonObject().entrySet().forEach(field -> {
                String name = path.equals("metrics") ? "NAME" : field.getKey();
                collect(path.isEmpty() ? name : path + "." + name, field.getValue(), into);
            });
        } else if (element.isJsonArray()) {
            element.getAsJsonArray().forEach(entry -> collect(path + "[]", entry, into));
        } else {
            into.add(path);
        }
    }
}
