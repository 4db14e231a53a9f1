package io.leanspike.compress.search;

import io.leanspike.compress.EncoderBits;
import io.leanspike.model.ModelConfig;
import java.util.List;
import java.util.Optional;
import java.util.function.UnaryOperator;
import java.util.stream.IntStream;

/**
 * One way to compress a model.
 *
 * @param layers one a layer
 * @param initialPotential u0 as a share of the threshold
 * @param threshold V_th as a multiple of the model's own
 * @param byteEmbeddings whether the embedding tables are stored in 8 bits
 */
public record Candidate(List<LayerChoice> layers, double initialPotential, double threshold, boolean byteEmbeddings) {

    public Candidate {
        layers = List.copyOf(layers);
    }

    /** The model as it is. */
    public static Candidate uncompressed(ModelConfig config) {
        return new Candidate(config.spiking().timesteps().stream().map(LayerChoice::whole).toList(),
                config.spiking().initialPotential(), 1, false);
    }

    public List<Integer> timesteps() {
        return layers.stream().map(LayerChoice::timesteps).toList();
    }

    /** Average of T_l over the layers. */
    public double meanTimesteps() {
        return layers.stream().mapToInt(LayerChoice::timesteps).average().orElseThrow();
    }

    /** @param timesteps one a layer */
    public Candidate withTimesteps(List<Integer> timesteps, double potential) {
        List<LayerChoice> changed = IntStream.range(0, layers.size())
                .mapToObj(i -> layers.get(i).withTimesteps(timesteps.get(i))).toList();
        return new Candidate(changed, potential, threshold, byteEmbeddings);
    }

    public Candidate withBits(Optional<EncoderBits> bits) {
        return mapLayers(layer -> layer.withBits(bits));
    }

    public Candidate withNeurons(double share) {
        return mapLayers(layer -> layer.withNeurons(share));
    }

    public Candidate withByteEmbeddings() {
        return new Candidate(layers, initialPotential, threshold, true);
    }

    private Candidate mapLayers(UnaryOperator<LayerChoice> change) {
        return new Candidate(layers.stream().map(change).toList(), initialPotential, threshold, byteEmbeddings);
    }
}
