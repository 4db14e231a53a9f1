package io.leanspike.compress;

import com.google.gson.JsonObject;
import io.leanspike.error.InvalidInputException;
import io.leanspike.model.Checkpoint;
import io.leanspike.model.CheckpointWriter;
import io.leanspike.model.EncoderWeights;
import io.leanspike.model.LayerShape;
import io.leanspike.model.LayerWeights;
import io.leanspike.model.LinearWeights;
import io.leanspike.tensor.MatrixSelection;
import java.lang.foreign.Arena;
import java.lang.foreign.SegmentAllocator;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * Takes heads, columns of heads and intermediate neurons out of a model: its matrices become smaller, nothing is left of them as zeros. The
 * result computes what the model does with these units kept silent.
 */
public final class StructuralPruning {
    private StructuralPruning() {}

    /**
     * The weights of the units that stay.
     *
     * @param keeps one a layer
     * @param allocator gives the memory of the matrices that change
     */
    public static EncoderWeights apply(EncoderWeights source, List<LayerKeep> keeps, SegmentAllocator allocator) {
        List<LayerWeights> layers = new ArrayList<>();
        for (int i = 0; i < source.layers().size(); i++) {
            layers.add(apply(source.layers().get(i), keeps.get(i), allocator));
        }
        return new EncoderWeights(source.embeddings(), layers, source.classifier());
    }

    private static LayerWeights apply(LayerWeights layer, LayerKeep keep, SegmentAllocator allocator) {
        int[] keys = keep.keyColumns();
        int[] values = keep.valueColumns();
        int[] neurons = keep.neuronIndices();
        return new LayerWeights(
                outputs(layer.query(), keys, allocator),
                outputs(layer.key(), keys, allocator),
                outputs(layer.value(), values, allocator),
                inputs(layer.attentionOutput(), values, allocator),
                layer.attentionOutputNorm(),
                outputs(layer.intermediate(), neurons, allocator),
                inputs(layer.output(), neurons, allocator),
                layer.outputNorm());
    }

    private static LinearWeights outputs(LinearWeights linear, int[] kept, SegmentAllocator allocator) {
        return new LinearWeights(MatrixSelection.rows(linear.weight(), kept, allocator), LayerKeep.pick(linear.bias(), kept));
    }

    private static LinearWeights inputs(LinearWeights linear, int[] kept, SegmentAllocator allocator) {
        return new LinearWeights(MatrixSelection.columns(linear.weight(), kept, allocator), linear.bias());
    }

    /**
     * Writes the pruned model to the folder {@code target}, its sizes and the units that are left ({@link KeptUnits}) in config.json as
     * {@code spiking.layers}.
     *
     * @throws InvalidInputException when the target may not be replaced or cannot be written; it is then as it was
     */
    public static void write(Checkpoint source, List<LayerKeep> keeps, Path target, CheckpointWriter.Existing existing) {
        try (Arena arena = Arena.ofConfined()) {
            JsonObject config = source.configJson();
            List<LayerShape> shapes = new ArrayList<>();
            for (int i = 0; i < keeps.size(); i++) {
                shapes.add(keeps.get(i).shape(source.config().layers().get(i)));
            }
            DerivedCheckpoint.addShapes(config, shapes);
            KeptUnits.add(config, source, keeps);
            DerivedCheckpoint.write(source, DerivedCheckpoint.text(config), apply(source.weights(), keeps, arena), target, existing);
        }
    }
}
