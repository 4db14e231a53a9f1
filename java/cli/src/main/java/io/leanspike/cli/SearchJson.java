package io.leanspike.cli;

import com.google.gson.Gson;
import com.google.gson.GsonBuilder;
import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonNull;
import com.google.gson.JsonObject;
import io.leanspike.compress.search.Outcome;
import io.leanspike.compress.search.Point;
import io.leanspike.compress.search.SearchRecords;
import io.leanspike.model.LayerShape;
import io.leanspike.model.ModelConfig;
import java.lang.foreign.Arena;
import java.util.List;

/**
 * A search for programs to read, and for its page. Every field is described in java/cli/README.md. The same search gives the same bytes.
 */
final class SearchJson {
    static final String SCHEMA = "leanspike.search/1";
    private static final Gson GSON = new GsonBuilder().setPrettyPrinting().serializeNulls().disableHtmlEscaping().create();

    private final SearchRun run;

    SearchJson(SearchRun run) {
        this.run = run;
    }

    static String text(JsonObject json) {
        return GSON.toJson(json) + "\n";
    }

    JsonObject json() {
        JsonObject json = new JsonObject();
        json.addProperty("schema", SCHEMA);
        json.addProperty("leanspike", Version.leanSpike());
        json.addProperty("model", run.model());
        json.addProperty("model_sha256", ModelFingerprint.of(run.models().source()));
        json.addProperty("task", run.examples().task().toString());
        json.addProperty("metric", run.metric());
        json.addProperty("calibration", run.calibration());
        json.addProperty("report", run.report());
        json.add("costs", texts(run.search().costs()));
        json.addProperty("budget", run.search().budget());
        json.addProperty("floor", run.floor());
        json.add("parts", texts(run.parts()));
        json.addProperty("criterion", run.criterion());
        json.addProperty("population", run.search().population());
        json.addProperty("generations", run.search().generations());
        json.addProperty("seed", run.search().seed());
        json.add("uncompressed", point(0, run.result().uncompressed()));
        json.add("greedy", run.greedy().<JsonElement>map(greedy -> outcome(greedy.outcome())).orElse(JsonNull.INSTANCE));
        JsonArray points = new JsonArray();
        for (Point point : run.result().front()) {
            points.add(point(points.size() + 1, point));
        }
        json.add("points", points);
        JsonArray evaluated = new JsonArray();
        run.result().evaluated().forEach(point -> evaluated.add(brief(point.outcome())));
        json.add("evaluated", evaluated);
        return json;
    }

    private static JsonArray texts(List<?> values) {
        JsonArray array = new JsonArray();
        values.forEach(value -> array.add(value.toString()));
        return array;
    }

    private JsonObject point(int number, Point point) {
        JsonObject json = new JsonObject();
        json.addProperty("point", number);
        json.add("candidate", SearchRecords.json(point.candidate()));
        json.addProperty("mean_timesteps", point.candidate().meanTimesteps());
        json.add("layers", layers(point));
        json.add("calibration", outcome(point.outcome()));
        json.add("report", outcome(run.reported().apply(point)));
        return json;
    }

    private JsonArray layers(Point point) {
        ModelConfig before = run.models().source().config();
        JsonArray layers = new JsonArray();
        try (Arena arena = Arena.ofConfined()) {
            ModelConfig now = run.models().of(point.candidate(), arena).config();
            for (int i = 0; i < now.hiddenLayers(); i++) {
                JsonObject layer = shape(now.layers().get(i));
                layer.addProperty("timesteps", now.spiking().timesteps().get(i));
                layer.addProperty("bits", point.candidate().layers().get(i).bits().map(Object::toString).orElse(null));
                layer.add("before", shape(before.layers().get(i)));
                layers.add(layer);
            }
        }
        return layers;
    }

    private static JsonObject shape(LayerShape shape) {
        JsonObject json = new JsonObject();
        json.addProperty("heads", shape.heads().count());
        json.addProperty("key_columns", shape.heads().keyWidth());
        json.addProperty("value_columns", shape.heads().valueWidth());
        json.addProperty("neurons", shape.intermediate());
        return json;
    }

    private static JsonObject outcome(Outcome outcome) {
        JsonObject json = brief(outcome);
        JsonObject all = SearchRecords.json(outcome);
        for (String field : List.of("metrics", "examples", "encoder_bytes", "densities")) {
            json.add(field, all.get(field));
        }
        json.addProperty("dense_joules_a_sequence", outcome.denseJoules() / outcome.examples());
        return json;
    }

    private static JsonObject brief(Outcome outcome) {
        JsonObject all = SearchRecords.json(outcome);
        JsonObject json = new JsonObject();
        json.add("metric", all.getAsJsonObject("metrics").entrySet().iterator().next().getValue());
        json.addProperty("sops_a_sequence", outcome.sops() / outcome.examples());
        json.addProperty("joules_a_sequence", outcome.joules() / outcome.examples());
        json.add("bytes", all.get("bytes"));
        json.add("latency", all.get("latency"));
        return json;
    }
}
