package io.leanspike.bench;

import io.leanspike.model.ModelConfig;
import io.leanspike.model.SpikingConfig;
import java.util.Collections;
import java.util.List;

/** Encoder layers whose operations are measured. */
public enum ModelShape {
    /** The trained model of the SST-2 benchmark. */
    SST2_TINY("sst2-tiny", 128, 2, 512, 2),
    /** all-MiniLM-L6: a small dense encoder in wide use. */
    MINILM("minilm", 384, 12, 1536, 6),
    /** SpikingBERT_4 of arXiv 2308.10873, as wide as BERT-base. */
    SPIKINGBERT_4("spikingbert-4", 768, 12, 3072, 4);

    private static final int VOCABULARY = 30_522;
    private static final int POSITIONS = 512;

    private final String text;
    private final int hidden;
    private final int heads;
    private final int intermediate;
    private final int layers;

    ModelShape(String text, int hidden, int heads, int intermediate, int layers) {
        this.text = text;
        this.hidden = hidden;
        this.heads = heads;
        this.intermediate = intermediate;
        this.layers = layers;
    }

    /** Encoder layers that the model has. */
    int layers() {
        return layers;
    }

    /** One encoder layer of this shape with BERT's vocabulary, V_th = 1 and no leak. */
    public ModelConfig oneLayer(int timesteps) {
        return layers(1, timesteps);
    }

    /** All encoder layers of this shape, with BERT's vocabulary, V_th = 1 and no leak. */
    public ModelConfig whole(int timesteps) {
        return layers(layers, timesteps);
    }

    /** So many encoder layers of this shape with BERT's vocabulary, V_th = 1 and no leak. */
    public ModelConfig layers(int count, int timesteps) {
        return new ModelConfig(VOCABULARY, hidden, heads, intermediate, count, POSITIONS, 2, 1e-12, List.of("negative", "positive"),
                new SpikingConfig(Collections.nCopies(count, timesteps), 1, 1, 0));
    }

    @Override
    public String toString() {
        return text;
    }
}
