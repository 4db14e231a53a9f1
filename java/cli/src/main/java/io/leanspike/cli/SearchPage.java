package io.leanspike.cli;

import com.google.gson.Gson;
import com.google.gson.GsonBuilder;
import com.google.gson.JsonObject;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;

/** A search as one HTML page that needs nothing else: a plot of all points, and a picture of the layers of the one that is looked at. */
final class SearchPage {
    private static final String PLACE = "\"SEARCH\"";

    /** Nulls included: the page tells "not measured" by them. */
    private static final Gson JSON = new GsonBuilder().serializeNulls().disableHtmlEscaping().create();

    private SearchPage() {}

    /**
     * @param search as {@link SearchJson} makes it
     * @param folder of the search, for the command that writes a point
     */
    static String html(JsonObject search, Path folder) {
        JsonObject shown = search.deepCopy();
        shown.addProperty("folder", folder.toString());
        // Inside a script element only the start of a tag could end it.
        return template().replace(PLACE, JSON.toJson(shown).replace("<", "\\u003c"));
    }

    private static String template() {
        try (InputStream in = SearchPage.class.getResourceAsStream("search.html")) {
            if (in == null) {
                throw new IllegalStateException("the jar lacks its search.html");
            }
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
