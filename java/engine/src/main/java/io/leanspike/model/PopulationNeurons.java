package io.leanspike.model;

import com.google.gson.JsonObject;
import io.leanspike.error.InvalidInputException;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * {@code spiking.populations} of config.json: {@code {"layer.0.key": {"threshold": 0.9, "initial_potential": 0.5}, ...}}. Either field
 * may be missing: then the model's own value holds.
 */
public final class PopulationNeurons {
    private static final Pattern NAME =
            Pattern.compile("embedding|layer\\.(\\d{1,4})\\.(key|value|context|attention_output|intermediate|output)");

    private PopulationNeurons() {}

    /**
     * @param populations the object itself
     * @param otherwise what holds where a field is missing
     * @throws InvalidInputException when a name is none of the model's populations, or a value is out of range
     */
    static Map<String, NeuronSettings> read(JsonFields populations, NeuronSettings otherwise, int layers) {
        Map<String, NeuronSettings> neurons = new LinkedHashMap<>();
        for (String name : populations.object().keySet()) {
            Matcher parts = NAME.matcher(name);
            if (!parts.matches() || parts.group(1) != null && Integer.parseInt(parts.group(1)) >= layers) {
                throw populations.invalid(name, "is not a population of a model with %d layers: embedding, layer.0.key and so on"
                        .formatted(layers));
            }
            JsonFields fields = populations.fields(name);
            neurons.put(name, new NeuronSettings(
                    fields.has("threshold") ? fields.number("threshold", ModelConfigReader::isThreshold, "above 0") : otherwise.threshold(),
                    fields.has("initial_potential")
                            ? fields.number("initial_potential", ModelConfigReader::isInitialPotential, "at least 0 and below 1")
                            : otherwise.initialPotential()));
        }
        return neurons;
    }

    /** For config.json, by name. */
    public static JsonObject json(Map<String, NeuronSettings> populations) {
        JsonObject json = new JsonObject();
        new TreeMap<>(populations).forEach((name, neurons) -> {
            JsonObject fields = new JsonObject();
            fields.addProperty("threshold", neurons.threshold());
            fields.addProperty("initial_potential", neurons.initialPotential());
            json.add(name, fields);
        });
        return json;
    }
}
