package io.leanspike.compress;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import io.leanspike.error.InvalidInputException;
import io.leanspike.model.Checkpoint;
import io.leanspike.model.LayerShape;
import io.leanspike.model.ModelConfig;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/**
 * Which units of the model before any pruning a pruned checkpoint still has, so that training can go on from there with the others
 * silent. It stands in config.json beside the sizes that the engine reads, as ranges: {@code spiking.layers[i]} has {@code "key_columns"}
 * and {@code "value_columns"}, a text for each head as {@code "0-15 18"}, and {@code "neurons"}.
 */
public final class KeptUnits {
    private static final String KEYS = "key_columns";
    private static final String VALUES = "value_columns";
    private static final String NEURONS = "neurons";

    private KeptUnits() {}

    /**
     * What is left of each layer; everything of a model that is not pruned. Empty where a pruned model does not say it.
     *
     * @throws InvalidInputException when what it says does not fit its sizes
     */
    public static Optional<List<LayerKeep>> of(Checkpoint checkpoint) {
        ModelConfig config = checkpoint.config();
        JsonObject spiking = checkpoint.configJson().getAsJsonObject("spiking");
        if (!spiking.has("layers")) {
            return Optional.of(config.layers().stream().map(LayerKeep::all).toList());
        }
        List<LayerKeep> keeps = new ArrayList<>();
        for (int i = 0; i < config.layers().size(); i++) {
            JsonObject layer = spiking.getAsJsonArray("layers").get(i).getAsJsonObject();
            if (!layer.has(KEYS) || !layer.has(VALUES) || !layer.has(NEURONS)) {
                return Optional.empty();
            }
            keeps.add(layer(checkpoint, i, layer));
        }
        return Optional.of(keeps);
    }

    private static LayerKeep layer(Checkpoint checkpoint, int index, JsonObject json) {
        ModelConfig config = checkpoint.config();
        LayerShape shape = config.layers().get(index);
        try {
            List<List<Integer>> keys = heads(json.getAsJsonArray(KEYS), config.hiddenSize());
            List<List<Integer>> values = heads(json.getAsJsonArray(VALUES), config.hiddenSize());
            LayerKeep keep = new LayerKeep(IntStream.range(0, shape.heads().count())
                    .mapToObj(head -> new LayerKeep.Head(keys.get(head), values.get(head))).toList(),
                    numbers(json.get(NEURONS).getAsString(), config.intermediateSize()));
            if (keys.size() == shape.heads().count() && values.size() == keys.size() && keep.shape(shape).equals(shape)) {
                return keep;
            }
        } catch (RuntimeException malformed) {
            throw new InvalidInputException("%s: spiking.layers %d: the units that are left are not as they must be: %s"
                    .formatted(checkpoint.directory().resolve(Checkpoint.CONFIG_FILE), index, malformed.getMessage()), malformed);
        }
        throw new InvalidInputException("%s: spiking.layers %d: the units that are left are not as many as the layer has"
                .formatted(checkpoint.directory().resolve(Checkpoint.CONFIG_FILE), index));
    }

    private static List<List<Integer>> heads(JsonArray texts, int limit) {
        return texts.asList().stream().map(JsonElement::getAsString).map(text -> numbers(text, limit)).toList();
    }

    /** @throws IllegalArgumentException when they do not rise from 0 to below {@code limit} */
    private static List<Integer> numbers(String text, int limit) {
        List<Integer> numbers = new ArrayList<>();
        int least = 0;
        for (String range : text.split(" ")) {
            String[] ends = range.split("-", 2);
            int first = Integer.parseInt(ends[0]);
            int last = Integer.parseInt(ends[ends.length - 1]);
            if (first < least || last < first || last >= limit) {
                throw new IllegalArgumentException("'%s' is not made of rising ranges below %d".formatted(text, limit));
            }
            IntStream.rangeClosed(first, last).forEach(numbers::add);
            least = last + 1;
        }
        return numbers;
    }

    /**
     * Puts what is left behind a pruning into config.json, whose {@code spiking.layers} has the sizes already; nothing where the source
     * does not say what it has itself.
     *
     * @param keeps what stays of each layer of {@code source}
     */
    static void add(JsonObject config, Checkpoint source, List<LayerKeep> keeps) {
        of(source).ifPresent(before -> {
            JsonArray layers = config.getAsJsonObject("spiking").getAsJsonArray("layers");
            for (int i = 0; i < keeps.size(); i++) {
                LayerKeep kept = of(before.get(i), keeps.get(i));
                JsonObject layer = layers.get(i).getAsJsonObject();
                layer.add(KEYS, texts(kept.heads().stream().map(LayerKeep.Head::keys).toList()));
                layer.add(VALUES, texts(kept.heads().stream().map(LayerKeep.Head::values).toList()));
                layer.addProperty(NEURONS, text(kept.neurons()));
            }
        });
    }

    /** {@code now} chosen among what {@code before} left, in the numbers of the model before any pruning. */
    private static LayerKeep of(LayerKeep before, LayerKeep now) {
        int[] keys = before.keyColumns();
        int[] values = before.valueColumns();
        return new LayerKeep(now.heads().stream().map(head -> new LayerKeep.Head(
                head.keys().stream().map(column -> keys[column]).toList(),
                head.values().stream().map(column -> values[column]).toList())).toList(),
                now.neurons().stream().map(before.neurons()::get).toList());
    }

    private static JsonArray texts(List<List<Integer>> heads) {
        JsonArray texts = new JsonArray();
        heads.stream().map(KeptUnits::text).forEach(texts::add);
        return texts;
    }

    private static String text(List<Integer> rising) {
        List<int[]> ranges = new ArrayList<>();
        for (int number : rising) {
            if (!ranges.isEmpty() && ranges.getLast()[1] == number - 1) {
                ranges.getLast()[1] = number;
            } else {
                ranges.add(new int[] {number, number});
            }
        }
        return ranges.stream().map(range -> range[0] == range[1] ? "" + range[0] : range[0] + "-" + range[1])
                .collect(Collectors.joining(" "));
    }
}
