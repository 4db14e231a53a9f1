package io.leanspike.train.pretrained;

import io.leanspike.error.InvalidInputException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * The initializers and nodes of an ONNX file (github.com/onnx/onnx, onnx.proto). Initializers are float32 with their elements in
 * {@code raw_data}; tensors of other types are left out.
 */
final class OnnxGraph {
    /** @param inputs names of tensors, the weight last */
    record Node(String name, String operator, List<String> inputs) {}

    /** @param elements row-major float32, little-endian */
    record Tensor(List<Long> shape, ByteBuffer elements) {
        float[] floats() {
            float[] values = new float[elements.remaining() / Float.BYTES];
            elements.asFloatBuffer().get(values);
            return values;
        }

        /** A matrix [in, out] as [out, in]. */
        float[] transposed() {
            int rows = shape.get(0).intValue();
            int columns = shape.get(1).intValue();
            float[] values = floats();
            float[] turned = new float[values.length];
            for (int r = 0; r < rows; r++) {
                for (int c = 0; c < columns; c++) {
                    turned[c * rows + r] = values[r * columns + c];
                }
            }
            return turned;
        }
    }

    private static final int MODEL_GRAPH = 7;
    private static final int GRAPH_NODE = 1;
    private static final int GRAPH_INITIALIZER = 5;
    private static final int NODE_INPUT = 1;
    private static final int NODE_OUTPUT = 2;
    private static final int NODE_NAME = 3;
    private static final int NODE_OPERATOR = 4;
    private static final int NODE_ATTRIBUTE = 5;
    private static final int ATTRIBUTE_TENSOR = 5;
    private static final int TENSOR_SHAPE = 1;
    private static final int TENSOR_TYPE = 2;
    private static final int TENSOR_NAME = 8;
    private static final int TENSOR_RAW_DATA = 9;
    private static final long FLOAT32 = 1;

    private final String source;
    private final Map<String, Tensor> tensors = new HashMap<>();
    private final List<Node> nodes = new ArrayList<>();

    /** @throws InvalidInputException when the bytes are not an ONNX model */
    OnnxGraph(String source, ByteBuffer bytes) {
        this.source = source;
        try {
            List<ProtobufMessage> graphs = new ProtobufMessage(bytes).messages(MODEL_GRAPH);
            if (graphs.size() != 1) {
                throw new IllegalArgumentException("it has %d graphs".formatted(graphs.size()));
            }
            for (ProtobufMessage initializer : graphs.getFirst().messages(GRAPH_INITIALIZER)) {
                addTensor(initializer.string(TENSOR_NAME), initializer);
            }
            for (ProtobufMessage node : graphs.getFirst().messages(GRAPH_NODE)) {
                nodes.add(new Node(node.string(NODE_NAME), node.string(NODE_OPERATOR), node.strings(NODE_INPUT)));
                for (ProtobufMessage attribute : node.messages(NODE_ATTRIBUTE)) {
                    attribute.messages(ATTRIBUTE_TENSOR).forEach(value -> addTensor(node.string(NODE_OUTPUT), value));
                }
            }
        } catch (IllegalArgumentException e) {
            throw new InvalidInputException("%s: not an ONNX model: %s".formatted(source, e.getMessage()), e);
        }
    }

    private void addTensor(String name, ProtobufMessage tensor) {
        List<ByteBuffer> data = tensor.bytes(TENSOR_RAW_DATA);
        if (data.size() == 1 && tensor.integers(TENSOR_TYPE).equals(List.of(FLOAT32))) {
            tensors.put(name, new Tensor(tensor.integers(TENSOR_SHAPE), data.getFirst()));
        }
    }

    Optional<Tensor> find(String name) {
        return Optional.ofNullable(tensors.get(name));
    }

    /** @throws InvalidInputException when there is no float32 tensor of this name */
    Tensor tensor(String name) {
        return find(name).orElseThrow(() -> new InvalidInputException(
                "%s: the float32 tensor '%s' is missing; is it a BERT encoder exported by PyTorch?".formatted(source, name)));
    }

    /** The node whose name ends in {@code suffix}. @throws InvalidInputException when there is none */
    Node node(String suffix) {
        return nodes.stream().filter(node -> node.name().endsWith(suffix)).findFirst()
                .orElseThrow(() -> new InvalidInputException(
                        "%s: no node is called '%s'; is it a BERT encoder exported by PyTorch?".formatted(source, suffix)));
    }
}
