package io.leanspike.bench.peers;

import io.leanspike.train.pretrained.EncoderShape;
import io.leanspike.train.pretrained.PretrainedEncoder;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.function.BiConsumer;

/**
 * Writes a dense BERT encoder of any shape as an ONNX file (github.com/onnx/onnx, onnx.proto) in the operators that ONNX Runtime's own
 * optimizer for BERT leaves (Attention, SkipLayerNormalization, BiasGelu of domain com.microsoft), so that no speed is lost to a graph
 * that is not fused. Inputs {@code input_ids}, {@code attention_mask}, {@code token_type_ids} int64 [B, L]; output
 * {@code last_hidden_state} float32 [B, L, hidden].
 */
final class OnnxBert {
    private static final String MICROSOFT = "com.microsoft";
    private static final int OPSET = 17;
    private static final int IR_VERSION = 8;

    // Element types.
    private static final int FLOAT32 = 1;
    private static final int INT32 = 6;
    private static final int INT64 = 7;

    // Fields of the messages.
    private static final int MODEL_IR_VERSION = 1;
    private static final int MODEL_GRAPH = 7;
    private static final int MODEL_OPSET = 8;
    private static final int OPSET_DOMAIN = 1;
    private static final int OPSET_VERSION = 2;
    private static final int GRAPH_NODE = 1;
    private static final int GRAPH_NAME = 2;
    private static final int GRAPH_INITIALIZER = 5;
    private static final int GRAPH_INPUT = 11;
    private static final int GRAPH_OUTPUT = 12;
    private static final int NODE_INPUT = 1;
    private static final int NODE_OUTPUT = 2;
    private static final int NODE_NAME = 3;
    private static final int NODE_OPERATOR = 4;
    private static final int NODE_ATTRIBUTE = 5;
    private static final int NODE_DOMAIN = 7;
    private static final int ATTRIBUTE_NAME = 1;
    private static final int ATTRIBUTE_REAL = 2;
    private static final int ATTRIBUTE_INTEGER = 3;
    private static final int ATTRIBUTE_TYPE = 20;
    private static final int TYPE_REAL = 1;
    private static final int TYPE_INTEGER = 2;
    private static final int TENSOR_SHAPE = 1;
    private static final int TENSOR_TYPE = 2;
    private static final int TENSOR_NAME = 8;
    private static final int TENSOR_RAW_DATA = 9;
    private static final int VALUE_NAME = 1;
    private static final int VALUE_TYPE = 2;
    private static final int TYPE_TENSOR = 1;
    private static final int TENSOR_TYPE_ELEMENT = 1;
    private static final int TENSOR_TYPE_SHAPE = 2;
    private static final int SHAPE_DIMENSION = 1;
    private static final int DIMENSION_NAME = 2;

    private final PretrainedEncoder encoder;
    private final OnnxMessage graph = new OnnxMessage();

    private OnnxBert(PretrainedEncoder encoder) {
        this.encoder = encoder;
    }

    /** An encoder of a shape with small random weights. */
    static PretrainedEncoder random(EncoderShape shape) {
        Map<String, float[]> tensors = new HashMap<>();
        SplittableRandom random = new SplittableRandom(shape.hidden());
        BiConsumer<String, Integer> draw = (name, size) -> {
            float[] values = new float[size];
            for (int i = 0; i < size; i++) {
                values[i] = (float) random.nextDouble(-0.06, 0.06);
            }
            tensors.put(name, values);
        };
        BiConsumer<String, Integer> norm = (name, size) -> {
            draw.accept(name + ".bias", size);
            draw.accept(name + ".weight", size);
            float[] gain = tensors.get(name + ".weight");
            for (int i = 0; i < size; i++) {
                gain[i] += 1;
            }
        };
        int hidden = shape.hidden();
        draw.accept("embeddings.word_embeddings.weight", shape.vocabulary() * hidden);
        draw.accept("embeddings.position_embeddings.weight", shape.positions() * hidden);
        draw.accept("embeddings.token_type_embeddings.weight", shape.types() * hidden);
        norm.accept("embeddings.LayerNorm", hidden);
        for (int layer = 0; layer < shape.layers(); layer++) {
            String prefix = "encoder.layer." + layer + ".";
            for (String linear : List.of("attention.self.query", "attention.self.key", "attention.self.value", "attention.output.dense")) {
                draw.accept(prefix + linear + ".weight", hidden * hidden);
                draw.accept(prefix + linear + ".bias", hidden);
            }
            draw.accept(prefix + "intermediate.dense.weight", shape.intermediate() * hidden);
            draw.accept(prefix + "intermediate.dense.bias", shape.intermediate());
            draw.accept(prefix + "output.dense.weight", hidden * shape.intermediate());
            draw.accept(prefix + "output.dense.bias", hidden);
            norm.accept(prefix + "attention.output.LayerNorm", hidden);
            norm.accept(prefix + "output.LayerNorm", hidden);
        }
        return new PretrainedEncoder("random", shape, tensors, List.of());
    }

    static void write(PretrainedEncoder encoder, Path file) throws IOException {
        OnnxMessage model = new OnnxBert(encoder).model();
        try (OutputStream out = new BufferedOutputStream(Files.newOutputStream(file))) {
            model.writeTo(out);
        }
    }

    private OnnxMessage model() {
        graph.text(GRAPH_NAME, "bert");
        for (String input : List.of("input_ids", "attention_mask", "token_type_ids")) {
            graph.message(GRAPH_INPUT, value(input, INT64, 2));
        }
        String hidden = embeddings();
        for (int layer = 0; layer < encoder.shape().layers(); layer++) {
            hidden = layer(layer, hidden);
        }
        node("Identity", "", "last_hidden_state", List.of(), hidden);
        graph.message(GRAPH_OUTPUT, value("last_hidden_state", FLOAT32, 3));
        if (encoder.has("classifier.weight")) {
            classifier();
        }
        return new OnnxMessage().integer(MODEL_IR_VERSION, IR_VERSION)
                .message(MODEL_OPSET, opset("", OPSET))
                .message(MODEL_OPSET, opset(MICROSOFT, 1))
                .message(MODEL_GRAPH, graph);
    }

    /** Logits of each sequence's first token. */
    private void classifier() {
        int labels = encoder.tensors().get("classifier.bias").length;
        linear("classifier", labels, encoder.shape().hidden());
        node("Gather", "", "first", List.of(integer("axis", 1)), "last_hidden_state", "zero");
        node("MatMul", "", "weighed", List.of(), "first", "classifier.weight");
        node("Add", "", "classified", List.of(), "weighed", "classifier.bias");
        node("Flatten", "", "logits", List.of(integer("axis", 1)), "classified");
        graph.message(GRAPH_OUTPUT, value("logits", FLOAT32, 2));
    }

    private String embeddings() {
        EncoderShape shape = encoder.shape();
        tensor("words", encoder.tensor("embeddings.word_embeddings.weight", shape.vocabulary() * shape.hidden()), shape.vocabulary(), shape.hidden());
        tensor("positions", encoder.tensor("embeddings.position_embeddings.weight", shape.positions() * shape.hidden()), shape.positions(),
                shape.hidden());
        tensor("types", encoder.tensor("embeddings.token_type_embeddings.weight", shape.types() * shape.hidden()), shape.types(), shape.hidden());
        graph.message(GRAPH_INITIALIZER, tensor("zero", INT64, new byte[Long.BYTES], 1));
        node("Gather", "", "word_rows", List.of(), "words", "input_ids");
        node("Gather", "", "type_rows", List.of(), "types", "token_type_ids");
        node("Shape", "", "length", List.of(integer("start", 1), integer("end", 2)), "input_ids");
        node("Slice", "", "position_rows", List.of(), "positions", "zero", "length", "zero");
        node("Add", "", "typed", List.of(), "word_rows", "type_rows");
        node("Add", "", "placed", List.of(), "typed", "position_rows");
        node("Cast", "", "mask", List.of(integer("to", INT32)), "attention_mask");
        norm("embeddings.LayerNorm");
        node("LayerNormalization", "", "embedded", List.of(real("epsilon", shape.normEps()), integer("axis", -1)),
                "placed", "embeddings.LayerNorm.weight", "embeddings.LayerNorm.bias");
        return "embedded";
    }

    private String layer(int number, String input) {
        EncoderShape shape = encoder.shape();
        int hidden = shape.hidden();
        String layer = "encoder.layer." + number + ".";
        selfAttention(layer);
        norm(layer + "attention.output.LayerNorm");
        norm(layer + "output.LayerNorm");
        linear(layer + "attention.output.dense", hidden, hidden);
        linear(layer + "intermediate.dense", shape.intermediate(), hidden);
        linear(layer + "output.dense", hidden, shape.intermediate());
        node("Attention", MICROSOFT, layer + "context", List.of(integer("num_heads", shape.heads())),
                input, layer + "qkv.weight", layer + "qkv.bias", "mask");
        String middle = product(layer + "attention.output", layer + "context", input);
        node("MatMul", "", layer + "wide", List.of(), middle, layer + "intermediate.dense.weight");
        node("BiasGelu", MICROSOFT, layer + "active", List.of(), layer + "wide", layer + "intermediate.dense.bias");
        return product(layer + "output", layer + "active", middle);
    }

    /** LayerNorm(x W + b + residual). */
    private String product(String module, String input, String residual) {
        node("MatMul", "", module + ".product", List.of(), input, module + ".dense.weight");
        node("SkipLayerNormalization", MICROSOFT, module + ".result", List.of(real("epsilon", encoder.shape().normEps())),
                module + ".product", residual, module + ".LayerNorm.weight", module + ".LayerNorm.bias", module + ".dense.bias");
        return module + ".result";
    }

    /** Query, key and value side by side: [hidden, 3 hidden]. */
    private void selfAttention(String layer) {
        int hidden = encoder.shape().hidden();
        float[] weight = new float[3 * hidden * hidden];
        float[] bias = new float[3 * hidden];
        String[] modules = {"query", "key", "value"};
        for (int part = 0; part < modules.length; part++) {
            String module = layer + "attention.self." + modules[part];
            float[] turned = transposed(encoder.tensor(module + ".weight", hidden * hidden), hidden, hidden);
            for (int row = 0; row < hidden; row++) {
                System.arraycopy(turned, row * hidden, weight, (3 * row + part) * hidden, hidden);
            }
            System.arraycopy(encoder.tensor(module + ".bias", hidden), 0, bias, part * hidden, hidden);
        }
        tensor(layer + "qkv.weight", weight, hidden, 3 * hidden);
        tensor(layer + "qkv.bias", bias, 3 * hidden);
    }

    private void linear(String module, int outputs, int inputs) {
        tensor(module + ".weight", transposed(encoder.tensor(module + ".weight", outputs * inputs), outputs, inputs), inputs, outputs);
        tensor(module + ".bias", encoder.tensor(module + ".bias", outputs), outputs);
    }

    private void norm(String module) {
        int hidden = encoder.shape().hidden();
        tensor(module + ".weight", encoder.tensor(module + ".weight", hidden), hidden);
        tensor(module + ".bias", encoder.tensor(module + ".bias", hidden), hidden);
    }

    /** [outputs, inputs] as ONNX multiplies it: [inputs, outputs]. */
    private static float[] transposed(float[] matrix, int outputs, int inputs) {
        float[] turned = new float[matrix.length];
        for (int output = 0; output < outputs; output++) {
            for (int input = 0; input < inputs; input++) {
                turned[input * outputs + output] = matrix[output * inputs + input];
            }
        }
        return turned;
    }

    /** An initializer of float32. */
    private void tensor(String name, float[] values, long... shape) {
        ByteBuffer raw = ByteBuffer.allocate(values.length * Float.BYTES).order(ByteOrder.LITTLE_ENDIAN);
        raw.asFloatBuffer().put(values);
        graph.message(GRAPH_INITIALIZER, tensor(name, FLOAT32, raw.array(), shape));
    }

    private static OnnxMessage tensor(String name, int type, byte[] raw, long... shape) {
        OnnxMessage tensor = new OnnxMessage();
        for (long size : shape) {
            tensor.integer(TENSOR_SHAPE, size);
        }
        return tensor.integer(TENSOR_TYPE, type).text(TENSOR_NAME, name).bytes(TENSOR_RAW_DATA, raw);
    }

    private static OnnxMessage opset(String domain, int version) {
        return new OnnxMessage().text(OPSET_DOMAIN, domain).integer(OPSET_VERSION, version);
    }

    private void node(String operator, String domain, String output, List<OnnxMessage> attributes, String... inputs) {
        OnnxMessage node = new OnnxMessage();
        for (String input : inputs) {
            node.text(NODE_INPUT, input);
        }
        node.text(NODE_OUTPUT, output).text(NODE_NAME, output).text(NODE_OPERATOR, operator).text(NODE_DOMAIN, domain);
        for (OnnxMessage attribute : attributes) {
            node.message(NODE_ATTRIBUTE, attribute);
        }
        graph.message(GRAPH_NODE, node);
    }

    private static OnnxMessage integer(String name, long value) {
        return new OnnxMessage().text(ATTRIBUTE_NAME, name).integer(ATTRIBUTE_INTEGER, value).integer(ATTRIBUTE_TYPE, TYPE_INTEGER);
    }

    private static OnnxMessage real(String name, float value) {
        return new OnnxMessage().text(ATTRIBUTE_NAME, name).real(ATTRIBUTE_REAL, value).integer(ATTRIBUTE_TYPE, TYPE_REAL);
    }

    /** A tensor of free sizes. */
    private static OnnxMessage value(String name, int type, int dimensions) {
        OnnxMessage shape = new OnnxMessage();
        for (int i = 0; i < dimensions; i++) {
            shape.message(SHAPE_DIMENSION, new OnnxMessage().text(DIMENSION_NAME, name + "_" + i));
        }
        OnnxMessage tensor = new OnnxMessage().integer(TENSOR_TYPE_ELEMENT, type).message(TENSOR_TYPE_SHAPE, shape);
        return new OnnxMessage().text(VALUE_NAME, name).message(VALUE_TYPE, new OnnxMessage().message(TYPE_TENSOR, tensor));
    }
}
