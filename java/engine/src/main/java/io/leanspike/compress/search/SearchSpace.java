package io.leanspike.compress.search;

import io.leanspike.compress.EncoderBits;
import io.leanspike.compress.MatrixFacts;
import io.leanspike.model.EncoderWeights;
import io.leanspike.model.ModelConfig;
import io.leanspike.tensor.DenseMatrix;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.DoubleStream;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/**
 * The candidates of a search: for every choice the alternatives in order, so that neighbours are alike. A candidate as a genome is the
 * index of each of its choices: {@value #LAYER_GENES} a layer, then initial potential, threshold and embeddings.
 *
 * @param heads for each layer the shares of heads that may go
 * @param keys shares of query and key columns
 * @param values shares of value columns
 * @param neurons shares of intermediate neurons
 * @param timesteps rising
 * @param bits from as they are to fewest
 * @param thresholds as multiples of the model's own, rising
 * @param byteEmbeddings false first
 */
public record SearchSpace(List<List<Double>> heads, List<Double> keys, List<Double> values, List<Double> neurons, List<Integer> timesteps,
        List<Optional<EncoderBits>> bits, List<Double> potentials, List<Double> thresholds, List<Boolean> byteEmbeddings) {
    /** heads, keys, values, neurons, timesteps, bits */
    private static final int LAYER_GENES = 6;
    private static final List<Double> NOTHING = List.of(0.0);
    private static final List<Double> COLUMNS = List.of(0.0, 0.125, 0.25, 0.375, 0.5, 0.625, 0.75);
    private static final List<Double> NEURONS = IntStream.range(0, 15).mapToObj(i -> i / 16.0).toList();
    private static final List<Double> THRESHOLDS = List.of(0.75, 0.875, 1.0, 1.125, 1.25, 1.5);
    static final List<Double> POTENTIALS = List.of(0.0, 0.25, 0.5, 0.75);
    private static final List<Integer> TIMESTEPS = List.of(1, 2, 3, 4, 6, 8, 12, 16, 24, 32);

    /** What can be made of a model with these parts. @param bytes whether bytes are a cost, so that embeddings in 8 bits may pay */
    public static SearchSpace of(ModelConfig config, EncoderWeights weights, Set<SearchPart> parts, boolean bytes) {
        boolean spatial = parts.contains(SearchPart.SPATIAL);
        boolean temporal = parts.contains(SearchPart.TEMPORAL);
        boolean quantization = parts.contains(SearchPart.QUANTIZATION);
        Set<Double> potentials = new TreeSet<>(List.of(config.spiking().initialPotential()));
        Set<Integer> timesteps = new TreeSet<>(config.spiking().timesteps());
        if (temporal) {
            potentials.addAll(POTENTIALS);
            int most = config.spiking().timesteps().stream().max(Comparator.naturalOrder()).orElseThrow();
            Stream.concat(TIMESTEPS.stream(), halves(most).stream()).filter(t -> t <= most).forEach(timesteps::add);
        }
        boolean denseTables = weights.embeddings().word() instanceof DenseMatrix;
        return new SearchSpace(
                config.layers().stream().map(layer -> spatial ? shares(layer.heads().count()) : NOTHING).toList(),
                spatial ? COLUMNS : NOTHING, spatial ? COLUMNS : NOTHING, spatial ? NEURONS : NOTHING, List.copyOf(timesteps),
                quantization ? fewerBits(weights) : List.of(Optional.empty()), List.copyOf(potentials),
                temporal ? THRESHOLDS : List.of(1.0), quantization && bytes && denseTables ? List.of(false, true) : List.of(false));
    }

    /** All but one head may go. */
    private static List<Double> shares(int heads) {
        return IntStream.range(0, heads).mapToObj(gone -> (double) gone / heads).toList();
    }

    /** What a greedy descent from {@code most} passes. */
    private static List<Integer> halves(int most) {
        return Stream.iterate(most, t -> t >= 1, t -> t / 2).toList();
    }

    /** Those that some encoder matrix has more of. */
    private static List<Optional<EncoderBits>> fewerBits(EncoderWeights weights) {
        double most = MatrixFacts.of(weights).stream().filter(MatrixFacts::isEncoder)
                .mapToDouble(matrix -> Double.parseDouble(matrix.bits()))
                .max().orElseThrow();
        List<Optional<EncoderBits>> bits = new ArrayList<>(List.of(Optional.empty()));
        for (EncoderBits fewer : EncoderBits.values()) {
            if (Double.parseDouble(fewer.toString()) < most) {
                bits.add(Optional.of(fewer));
            }
        }
        return bits;
    }

    /** Alternatives of each gene. */
    public int[] sizes() {
        IntStream layers = heads.stream().flatMapToInt(layer ->
                IntStream.of(layer.size(), keys.size(), values.size(), neurons.size(), timesteps.size(), bits.size()));
        return IntStream.concat(layers, IntStream.of(potentials.size(), thresholds.size(), byteEmbeddings.size())).toArray();
    }

    /** @param genes one index for each of {@link #sizes} */
    public Candidate decode(int[] genes) {
        List<LayerChoice> layers = new ArrayList<>();
        int at = 0;
        for (List<Double> layerHeads : heads) {
            layers.add(new LayerChoice(layerHeads.get(genes[at]), keys.get(genes[at + 1]), values.get(genes[at + 2]),
                    neurons.get(genes[at + 3]), timesteps.get(genes[at + 4]), bits.get(genes[at + 5])));
            at += LAYER_GENES;
        }
        return new Candidate(layers, potentials.get(genes[at]), thresholds.get(genes[at + 1]), byteEmbeddings.get(genes[at + 2]));
    }

    /** The genome of the candidate, or of the one nearest to it. */
    public int[] encode(Candidate candidate) {
        List<Integer> genes = new ArrayList<>();
        for (int i = 0; i < heads.size(); i++) {
            LayerChoice layer = candidate.layers().get(i);
            genes.addAll(List.of(nearest(heads.get(i), layer.heads()), nearest(keys, layer.keys()), nearest(values, layer.values()),
                    nearest(neurons, layer.neurons()), nearest(timesteps, layer.timesteps()), Math.max(0, bits.indexOf(layer.bits()))));
        }
        genes.addAll(List.of(nearest(potentials, candidate.initialPotential()), nearest(thresholds, candidate.threshold()),
                Math.max(0, byteEmbeddings.indexOf(candidate.byteEmbeddings()))));
        return genes.stream().mapToInt(Integer::intValue).toArray();
    }

    private static int nearest(List<? extends Number> alternatives, double value) {
        double[] distances = alternatives.stream().flatMapToDouble(a -> DoubleStream.of(Math.abs(a.doubleValue() - value))).toArray();
        return IntStream.range(0, distances.length).boxed().min(Comparator.comparingDouble(i -> distances[i])).orElseThrow();
    }
}
