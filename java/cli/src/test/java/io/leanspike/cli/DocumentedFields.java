package io.leanspike.cli;

import com.google.gson.JsonElement;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The fields of a JSON result: those that README.md lists, and those that are written. */
final class DocumentedFields {
    private static final Pattern ROW = Pattern.compile("^\\| `([^`]+)` \\|", Pattern.MULTILINE);
    /** Objects whose fields are names of things. */
    private static final Set<String> NAMED = Set.of("metrics", "densities");

    private DocumentedFields() {}

    /** Of the section whose heading begins so. */
    static Set<String> of(String heading) throws IOException {
        String readme = Files.readString(Path.of("README.md"));
        int start = readme.indexOf("## " + heading);
        int end = readme.indexOf("\n## ", start + 1);
        Matcher rows = ROW.matcher(readme.substring(start, end < 0 ? readme.length() : end));
        Set<String> fields = new TreeSet<>();
        while (rows.find()) {
            fields.add(rows.group(1));
        }
        return fields;
    }

    static Set<String> written(JsonElement element) {
        Set<String> fields = new TreeSet<>();
        collect("", element, fields);
        return fields;
    }

    private static void collect(String path, JsonElement element, Set<String> into) {
        if (element.isJsonObject()) {
            String parent = path.substring(path.lastIndexOf('.') + 1);
            element.getAsJsonObject().entrySet().forEach(field -> {
                String name = NAMED.contains(parent) ? "NAME" : field.getKey();
                collect(path.isEmpty() ? name : path + "." + name, field.getValue(), into);
            });
        } else if (element.isJsonArray()) {
            element.getAsJsonArray().forEach(entry -> collect(path + "[]", entry, into));
        } else {
            into.add(path);
        }
    }
}
