package io.leanspike.bench.gpu;

import com.google.gson.Gson;
import com.google.gson.GsonBuilder;
import com.google.gson.JsonElement;

/** Values as JSON. */
final class Json {
    private static final Gson GSON = new GsonBuilder().disableHtmlEscaping().create();

    private Json() {}

    static JsonElement tree(Object value) {
        return GSON.toJsonTree(value);
    }
}
