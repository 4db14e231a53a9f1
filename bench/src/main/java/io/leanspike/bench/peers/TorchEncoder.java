package io.leanspike.bench.peers;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import io.leanspike.error.InvalidInputException;
import io.leanspike.model.AttentionHeads;
import io.leanspike.model.EncoderWeights;
import io.leanspike.model.LayerNormWeights;
import io.leanspike.model.LayerWeights;
import io.leanspike.model.LinearWeights;
import io.leanspike.model.ModelConfig;
import io.leanspike.tensor.DenseMatrix;
import io.leanspike.tensor.ElementType;
import io.leanspike.tensor.WeightMatrix;
import io.leanspike.train.nn.Torch;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;

/** A checkpoint's weights as float32 PyTorch tensors, low-bit ones dequantised; alive as long as the manager. */
record TorchEncoder(ModelConfig config, NDArray words, NDArray positions, NDArray types, Norm norm, List<Layer> layers, Product classifier) {

    /** @param weight [outputs, inputs] */
    record Product(NDArray weight, NDArray bias) {
        NDArray of(NDArray x, TorchLinear linear) {
            return linear.of(x, weight, bias);
        }
    }

    record Norm(NDArray gain, NDArray shift, float eps) {
        NDArray of(NDArray x) {
            return Torch.layerNorm(x, gain, shift, eps);
        }
    }

    /**
     * One layer.
     *
     * @param keySize columns of query and key of each head
     * @param scale what scores are multiplied by
     */
    record Layer(int heads, int keySize, int valueSize, double scale, Product query, Product key, Product value, Product attentionOutput,
            Norm attentionOutputNorm, Product intermediate, Product output, Norm outputNorm) {

        /** Currents of the context population: {@code softmax(q s_K^T) s_V}, all heads side by side. @param batch sequences, folded with time or not */
        NDArray attend(NDArray query, NDArray keySpikes, NDArray valueSpikes, long batch, long length) {
            NDArray scores = split(query, batch, length, keySize).muli(scale).matMul(split(keySpikes, batch, length, keySize).transpose(0, 1, 3, 2));
            NDArray context = scores.softmax(-1).matMul(split(valueSpikes, batch, length, valueSize));
            return context.transpose(0, 2, 1, 3).reshape(batch, length, (long) heads * valueSize);
        }

        private NDArray split(NDArray x, long batch, long length, int size) {
            return x.reshape(batch, length, heads, size).transpose(0, 2, 1, 3);
        }
    }

    /** @throws InvalidInputException when pruning left a layer heads of different sizes, which no tensor of PyTorch holds */
    static TorchEncoder of(NDManager manager, ModelConfig config, EncoderWeights weights) {
        List<Layer> layers = new ArrayList<>();
        for (int i = 0; i < config.hiddenLayers(); i++) {
            AttentionHeads heads = config.layers().get(i).heads();
            if (heads.keySizes().stream().distinct().count() > 1 || heads.valueSizes().stream().distinct().count() > 1) {
                throw new InvalidInputException("layer %d has heads of different sizes: the PyTorch peers need equal ones".formatted(i));
            }
            LayerWeights layer = weights.layers().get(i);
            layers.add(new Layer(heads.count(), heads.keySizes().getFirst(), heads.valueSizes().getFirst(), heads.scale(),
                    product(manager, layer.query()), product(manager, layer.key()), product(manager, layer.value()),
                    product(manager, layer.attentionOutput()), norm(manager, layer.attentionOutputNorm()),
                    product(manager, layer.intermediate()), product(manager, layer.output()), norm(manager, layer.outputNorm())));
        }
        return new TorchEncoder(config, matrix(manager, weights.embeddings().word()), matrix(manager, weights.embeddings().position()),
                matrix(manager, weights.embeddings().tokenType()), norm(manager, weights.embeddings().norm()), layers,
                product(manager, weights.classifier()));
    }

    private static Product product(NDManager manager, LinearWeights linear) {
        return new Product(matrix(manager, linear.weight()), manager.create(linear.bias()));
    }

    private static Norm norm(NDManager manager, LayerNormWeights norm) {
        return new Norm(manager.create(norm.weight()), manager.create(norm.bias()), norm.eps());
    }

    private static NDArray matrix(NDManager manager, WeightMatrix matrix) {
        return manager.create(floats(matrix), new Shape(matrix.rows(), matrix.columns()));
    }

    private static float[] floats(WeightMatrix matrix) {
        float[] values = new float[Math.multiplyExact(matrix.rows(), matrix.columns())];
        if (matrix instanceof DenseMatrix dense && dense.type() == ElementType.F32) {
            MemorySegment.ofArray(values).copyFrom(dense.elements());
            return values;
        }
        for (int i = 0; i < values.length; i++) {
            values[i] = (float) matrix.get(i / matrix.columns(), i % matrix.columns());
        }
        return values;
    }

    /** The embedding population's current [sequences, length, hidden], the same at every timestep. @param wordIds int64 [sequences, length] */
    NDArray embed(NDArray wordIds) {
        NDArray sum = Torch.rows(wordIds, words).addi(positions.get("0:" + wordIds.getShape().get(1)));
        return norm.of(sum.addi(types.get(0)));
    }
}
