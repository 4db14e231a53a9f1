package io.leanspike.compress.search;

import io.leanspike.compress.CompressedModel;
import io.leanspike.compress.EncoderBits;
import io.leanspike.compress.Int8Quantization;
import io.leanspike.compress.LayerKeep;
import io.leanspike.compress.StructuralPruning;
import io.leanspike.compress.UnitImportance;
import io.leanspike.model.Checkpoint;
import io.leanspike.model.EmbeddingWeights;
import io.leanspike.model.EncoderWeights;
import io.leanspike.model.LayerShape;
import io.leanspike.model.LayerWeights;
import io.leanspike.model.LinearWeights;
import io.leanspike.model.ModelConfig;
import io.leanspike.model.NeuronSettings;
import io.leanspike.model.SpikingConfig;
import io.leanspike.tensor.DenseMatrix;
import io.leanspike.tensor.WeightMatrix;
import java.lang.foreign.Arena;
import java.lang.foreign.SegmentAllocator;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Makes the models that candidates stand for, in memory: pruned first, then quantized. What a candidate leaves alone stays a view of the
 * source's file.
 */
public final class CandidateModels implements AutoCloseable {
    private final Checkpoint source;
    private final List<UnitImportance> importance;
    private final Arena arena = Arena.ofShared();
    private Optional<EmbeddingWeights> byteEmbeddings = Optional.empty();

    /**
     * @param source stays open as long as the models
     * @param importance of its units, one a layer: what matters least goes first
     */
    public CandidateModels(Checkpoint source, List<UnitImportance> importance) {
        this.source = source;
        this.importance = List.copyOf(importance);
    }

    public Checkpoint source() {
        return source;
    }

    /** @param allocator gives the memory of the matrices that change */
    public CompressedModel of(Candidate candidate, SegmentAllocator allocator) {
        List<LayerKeep> keeps = new ArrayList<>();
        List<LayerShape> shapes = new ArrayList<>();
        for (int i = 0; i < candidate.layers().size(); i++) {
            LayerKeep keep = candidate.layers().get(i).pruning().choose(source.config(), importance).get(i);
            keeps.add(keep);
            shapes.add(keep.shape(source.config().layers().get(i)));
        }
        boolean whole = shapes.equals(source.config().layers());
        EncoderWeights pruned = whole ? source.weights() : StructuralPruning.apply(source.weights(), keeps, allocator);
        List<LayerWeights> layers = new ArrayList<>();
        for (int i = 0; i < keeps.size(); i++) {
            LayerWeights layer = pruned.layers().get(i);
            layers.add(candidate.layers().get(i).bits().map(bits -> quantized(layer, bits, allocator)).orElse(layer));
        }
        EmbeddingWeights embeddings = candidate.byteEmbeddings() ? byteEmbeddings() : pruned.embeddings();
        return new CompressedModel(config(candidate, shapes), new EncoderWeights(embeddings, layers, pruned.classifier()), keeps);
    }

    private ModelConfig config(Candidate candidate, List<LayerShape> shapes) {
        ModelConfig from = source.config();
        SpikingConfig spiking = new SpikingConfig(candidate.timesteps(), from.spiking().threshold() * candidate.threshold(),
                from.spiking().leak(), candidate.initialPotential(), populations(candidate, from.spiking()));
        return new ModelConfig(from.vocabularySize(), from.hiddenSize(), from.attentionHeads(), from.intermediateSize(),
                from.hiddenLayers(), from.maxPositions(), from.tokenTypes(), from.layerNormEps(), from.labels(), spiking, shapes);
    }

    /** A threshold of their own is scaled as the model's; a potential of their own gives way only to one that the model does not have. */
    private static Map<String, NeuronSettings> populations(Candidate candidate, SpikingConfig from) {
        SpikingConfig potentials = candidate.initialPotential() == from.initialPotential() ? from
                : from.withInitialPotential(candidate.initialPotential());
        Map<String, NeuronSettings> changed = new HashMap<>();
        potentials.populations().forEach((name, own) ->
                changed.put(name, new NeuronSettings(own.threshold() * candidate.threshold(), own.initialPotential())));
        return changed;
    }

    /** A layer's matrices in so many bits; what holds fewer bytes already stays as it is. */
    public static LayerWeights quantized(LayerWeights layer, EncoderBits bits, SegmentAllocator allocator) {
        return new LayerWeights(quantized(layer.query(), bits, allocator), quantized(layer.key(), bits, allocator),
                quantized(layer.value(), bits, allocator), quantized(layer.attentionOutput(), bits, allocator), layer.attentionOutputNorm(),
                quantized(layer.intermediate(), bits, allocator), quantized(layer.output(), bits, allocator), layer.outputNorm());
    }

    private static LinearWeights quantized(LinearWeights linear, EncoderBits bits, SegmentAllocator allocator) {
        WeightMatrix fewer = bits.quantize(linear.weight(), allocator);
        return fewer.bytes() < linear.weight().bytes() ? new LinearWeights(fewer, linear.bias()) : linear;
    }

    /** Of all candidates that want them the same. */
    private synchronized EmbeddingWeights byteEmbeddings() {
        if (byteEmbeddings.isEmpty()) {
            EmbeddingWeights from = source.weights().embeddings();
            byteEmbeddings = Optional.of(
                    new EmbeddingWeights(bytes(from.word()), bytes(from.position()), bytes(from.tokenType()), from.norm()));
        }
        return byteEmbeddings.get();
    }

    private WeightMatrix bytes(WeightMatrix table) {
        return table instanceof DenseMatrix ? Int8Quantization.quantize(table, arena) : table;
    }

    /** Frees what models of it share; they must be closed before. */
    @Override
    public void close() {
        arena.close();
    }
}
