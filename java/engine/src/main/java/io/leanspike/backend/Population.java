package io.leanspike.backend;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * A neuron population. Its text form is its name everywhere, in files and reports too: {@code embedding}, {@code layer.0.key}.
 *
 * @param layer the encoder layer; -1 for the embedding
 */
public record Population(int layer, Kind kind) {

    /** The populations of the model, in the order data passes them. */
    public enum Kind {
        EMBEDDING,
        KEY,
        VALUE,
        CONTEXT,
        ATTENTION_OUTPUT,
        INTERMEDIATE,
        OUTPUT,
        /** What a layer reads of the layer before where that one has another number of timesteps; none of the model's own populations. */
        INPUT
    }

    public static final Population EMBEDDING = new Population(-1, Kind.EMBEDDING);

    public Population {
        if ((kind == Kind.EMBEDDING) != (layer == -1)) {
            throw new IllegalArgumentException("the embedding alone stands outside the layers: " + kind + " in layer " + layer);
        }
    }

    /** The population whose spikes encoder layer {@code layer} reads. */
    public static Population inputOf(int layer) {
        return layer == 0 ? EMBEDDING : new Population(layer - 1, Kind.OUTPUT);
    }

    /** The model's own populations, with so many encoder layers, in the order data passes them. */
    public static List<Population> all(int layers) {
        List<Population> all = new ArrayList<>(List.of(EMBEDDING));
        for (int layer = 0; layer < layers; layer++) {
            for (Kind kind : Kind.values()) {
                if (kind != Kind.EMBEDDING && kind != Kind.INPUT) {
                    all.add(new Population(layer, kind));
                }
            }
        }
        return all;
    }

    @Override
    public String toString() {
        String name = kind.name().toLowerCase(Locale.ROOT);
        return layer < 0 ? name : "layer." + layer + "." + name;
    }
}
