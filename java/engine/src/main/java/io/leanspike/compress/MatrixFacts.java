package io.leanspike.compress;

import io.leanspike.model.EncoderWeights;
import io.leanspike.model.LayerWeights;
import io.leanspike.tensor.BinaryMatrix;
import io.leanspike.tensor.DenseMatrix;
import io.leanspike.tensor.Int8Matrix;
import io.leanspike.tensor.TernaryMatrix;
import io.leanspike.tensor.WeightMatrix;
import java.util.ArrayList;
import java.util.List;

/**
 * What a model's matrix is.
 *
 * @param name {@code word_embeddings}, {@code layer.0.query}, {@code classifier} and so on
 * @param bits of an element, as users write them: 32, 16, 8, 1.58 or 1
 * @param zeros share of elements that are 0, from 0 to 1
 * @param bytes that it takes, scales included
 */
public record MatrixFacts(String name, int rows, int columns, String bits, double zeros, long bytes) {

    /** Of every matrix, in the order data passes them. */
    public static List<MatrixFacts> of(EncoderWeights weights) {
        List<MatrixFacts> facts = new ArrayList<>();
        facts.add(of("word_embeddings", weights.embeddings().word()));
        facts.add(of("position_embeddings", weights.embeddings().position()));
        facts.add(of("token_type_embeddings", weights.embeddings().tokenType()));
        for (int i = 0; i < weights.layers().size(); i++) {
            LayerWeights layer = weights.layers().get(i);
            String prefix = "layer." + i + ".";
            facts.add(of(prefix + "query", layer.query().weight()));
            facts.add(of(prefix + "key", layer.key().weight()));
            facts.add(of(prefix + "value", layer.value().weight()));
            facts.add(of(prefix + "attention_output", layer.attentionOutput().weight()));
            facts.add(of(prefix + "intermediate", layer.intermediate().weight()));
            facts.add(of(prefix + "output", layer.output().weight()));
        }
        facts.add(of("classifier", weights.classifier().weight()));
        return facts;
    }

    private static MatrixFacts of(String name, WeightMatrix matrix) {
        String bits = switch (matrix) {
            case DenseMatrix dense -> String.valueOf(8 * dense.type().bytes());
            case Int8Matrix bytes -> EncoderBits.EIGHT.toString();
            case TernaryMatrix planes -> EncoderBits.TERNARY.toString();
            case BinaryMatrix plane -> EncoderBits.BINARY.toString();
        };
        return new MatrixFacts(name, matrix.rows(), matrix.columns(), bits, zeros(matrix), matrix.bytes());
    }

    private static double zeros(WeightMatrix matrix) {
        long zeros = 0;
        for (int row = 0; row < matrix.rows(); row++) {
            for (int column = 0; column < matrix.columns(); column++) {
                zeros += matrix.get(row, column) == 0 ? 1 : 0;
            }
        }
        return (double) zeros / ((double) matrix.rows() * matrix.columns());
    }

    /** True for the matrices that spikes meet, the classifier's excepted. */
    public boolean isEncoder() {
        return name.startsWith("layer.");
    }
}
