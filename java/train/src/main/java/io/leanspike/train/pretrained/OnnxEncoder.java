package io.leanspike.train.pretrained;

import java.nio.ByteBuffer;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Reads a BERT encoder out of an ONNX file that PyTorch exported: biases, norms and embeddings keep Hugging Face's names; the six
 * matrices of a layer are anonymous, transposed to [inputs, outputs], and found through the MatMul node that consumes them.
 */
final class OnnxEncoder {
    private static final List<String> MATRICES = List.of("attention/self/query", "attention/self/key", "attention/self/value",
            "attention/output/dense", "intermediate/dense", "output/dense");
    private static final List<String> NORMS = List.of("attention.output.LayerNorm", "output.LayerNorm");
    /** What PyTorch's exporter leaves out of the file, and every uncased BERT has. */
    private static final float NORM_EPS = 1e-12f;

    private final OnnxGraph graph;
    private final Map<String, float[]> tensors = new HashMap<>();

    private OnnxEncoder(OnnxGraph graph) {
        this.graph = graph;
    }

    /** @throws io.leanspike.error.InvalidInputException when the file is no such encoder */
    static PretrainedEncoder read(String source, ByteBuffer bytes, List<String> vocabulary) {
        return new OnnxEncoder(new OnnxGraph(source, bytes)).encoder(source, vocabulary);
    }

    private PretrainedEncoder encoder(String source, List<String> vocabulary) {
        for (String table : List.of("word", "position", "token_type")) {
            keep("embeddings." + table + "_embeddings.weight");
        }
        keepNorm("embeddings.LayerNorm");
        int layers = 0;
        while (graph.find("encoder.layer." + layers + ".output.dense.bias").isPresent()) {
            layer(layers++);
        }
        List<Long> words = graph.tensor("embeddings.word_embeddings.weight").shape();
        int hidden = words.get(1).intValue();
        // softmax(q k / sqrt(d_h)): the exporter writes the root as a constant.
        double root = graph.tensor(graph.node("layer.0/attention/self/Div").inputs().getLast()).floats()[0];
        EncoderShape shape = new EncoderShape(words.get(0).intValue(), hidden, hidden / (int) Math.round(root * root),
                graph.tensor("encoder.layer.0.intermediate.dense.bias").shape().getFirst().intValue(), layers,
                rows("embeddings.position_embeddings.weight"), rows("embeddings.token_type_embeddings.weight"), NORM_EPS);
        return new PretrainedEncoder(source, shape, tensors, vocabulary);
    }

    private int rows(String name) {
        return graph.tensor(name).shape().getFirst().intValue();
    }

    private void layer(int layer) {
        String prefix = "encoder.layer." + layer + ".";
        for (String matrix : MATRICES) {
            String module = prefix + matrix.replace('/', '.');
            OnnxGraph.Node product = graph.node("layer." + layer + "/" + matrix + "/MatMul");
            tensors.put(module + ".weight", graph.tensor(product.inputs().getLast()).transposed());
            keep(module + ".bias");
        }
        NORMS.forEach(norm -> keepNorm(prefix + norm));
    }

    private void keepNorm(String module) {
        keep(module + ".weight");
        keep(module + ".bias");
    }

    private void keep(String name) {
        tensors.put(name, graph.tensor(name).floats());
    }
}
