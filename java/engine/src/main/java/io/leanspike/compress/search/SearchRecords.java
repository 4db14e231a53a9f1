package io.leanspike.compress.search;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonNull;
import com.google.gson.JsonObject;
import com.google.gson.JsonPrimitive;
import io.leanspike.compress.EncoderBits;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;

/** Candidates and outcomes as JSON. Reading what was written gives an equal value. */
public final class SearchRecords {
    private SearchRecords() {}

    public static JsonObject json(Candidate candidate) {
        JsonArray layers = new JsonArray();
        for (LayerChoice layer : candidate.layers()) {
            JsonObject json = new JsonObject();
            json.addProperty("heads", layer.heads());
            json.addProperty("keys", layer.keys());
            json.addProperty("values", layer.values());
            json.addProperty("neurons", layer.neurons());
            json.addProperty("timesteps", layer.timesteps());
            json.addProperty("bits", layer.bits().map(EncoderBits::toString).orElse(null));
            layers.add(json);
        }
        JsonObject json = new JsonObject();
        json.add("layers", layers);
        json.addProperty("initial_potential", candidate.initialPotential());
        json.addProperty("threshold", candidate.threshold());
        json.addProperty("byte_embeddings", candidate.byteEmbeddings());
        return json;
    }

    /** @throws RuntimeException when it is not what {@link #json(Candidate)} writes */
    public static Candidate candidate(JsonObject json) {
        List<LayerChoice> layers = json.getAsJsonArray("layers").asList().stream().map(JsonElement::getAsJsonObject)
                .map(layer -> new LayerChoice(layer.get("heads").getAsDouble(), layer.get("keys").getAsDouble(),
                        layer.get("values").getAsDouble(), layer.get("neurons").getAsDouble(), layer.get("timesteps").getAsInt(),
                        layer.get("bits").isJsonNull() ? Optional.empty()
                                : Optional.of(EncoderBits.parse(layer.get("bits").getAsString()).orElseThrow())))
                .toList();
        return new Candidate(layers, json.get("initial_potential").getAsDouble(), json.get("threshold").getAsDouble(),
                json.get("byte_embeddings").getAsBoolean());
    }

    public static JsonObject json(Outcome outcome) {
        JsonObject json = new JsonObject();
        json.add("metrics", numbers(outcome.metrics()));
        json.addProperty("examples", outcome.examples());
        json.addProperty("sops", outcome.sops());
        json.addProperty("joules", outcome.joules());
        json.addProperty("dense_joules", outcome.denseJoules());
        json.addProperty("bytes", outcome.bytes());
        json.addProperty("encoder_bytes", outcome.encoderBytes());
        json.add("latency", outcome.latency().isPresent() ? number(outcome.latency().getAsDouble()) : JsonNull.INSTANCE);
        json.add("densities", numbers(outcome.densities()));
        return json;
    }

    /** @throws RuntimeException when it is not what {@link #json(Outcome)} writes */
    static Outcome outcome(JsonObject json) {
        JsonElement latency = json.get("latency");
        return new Outcome(map(json.getAsJsonObject("metrics")), json.get("examples").getAsLong(), json.get("sops").getAsDouble(),
                json.get("joules").getAsDouble(), json.get("dense_joules").getAsDouble(), json.get("bytes").getAsLong(),
                json.get("encoder_bytes").getAsLong(),
                latency.isJsonNull() ? OptionalDouble.empty() : OptionalDouble.of(latency.getAsDouble()),
                map(json.getAsJsonObject("densities")));
    }

    private static JsonObject numbers(Map<String, Double> values) {
        JsonObject json = new JsonObject();
        values.forEach((name, value) -> json.add(name, number(value)));
        return json;
    }

    /** JSON has no NaN. */
    private static JsonElement number(double value) {
        return Double.isFinite(value) ? new JsonPrimitive(value) : JsonNull.INSTANCE;
    }

    private static Map<String, Double> map(JsonObject json) {
        Map<String, Double> map = new LinkedHashMap<>();
        json.entrySet().forEach(
                entry -> map.put(entry.getKey(), entry.getValue().isJsonNull() ? Double.NaN : entry.getValue().getAsDouble()));
        return map;
    }
}
