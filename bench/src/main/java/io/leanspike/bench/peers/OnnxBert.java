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
    private static final int FLOAT32 = 1;
    private static final int INT32 = 6;
    private static final int INT64 = 7;

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
            for (String linear : new String[] {"attention.self.query", "attention.self.key", "attention.self.value", "attention.output.dense"}) {
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
        graph.text(2, "bert");
        for (String input : new String[] {"input_ids", "attention_mask", "token_type_ids"}) {
            graph.message(11, value(input, INT64, 2));
        }
        String hidden = embeddings();
        for (int layer = 0; layer < encoder.shape().layers(); layer++) {
            hidden = layer(layer, hidden);
        }
        node("Identity", "", "last_hidden_state", new OnnxMessage[0], hidden);
        graph.message(12, value("last_hidden_state", FLOAT32, 3));
        return new OnnxMessage().integer(1, IR_VERSION)
                .message(8, new OnnxMessage().text(1, "").integer(2, OPSET))
                .message(8, new OnnxMessage().text(1, MICROSOFT).integer(2, 1))
                .message(7, graph);
    }

    private String embeddings() {
        EncoderShape shape = encoder.shape();
        matrix("words", encoder.tensor("embeddings.word_embeddings.weight", shape.vocabulary() * shape.hidden()), shape.vocabulary(), shape.hidden());
        matrix("positions", encoder.tensor("embeddings.position_embeddings.weight", shape.positions() * shape.hidden()), shape.positions(),
                shape.hidden());
        matrix("types", encoder.tensor("embeddings.token_type_embeddings.weight", shape.types() * shape.hidden()), shape.types(), shape.hidden());
        graph.message(5, new OnnxMessage().integer(1, 1).integer(2, INT64).text(8, "zero").bytes(9, new byte[Long.BYTES]));
        node("Gather", "", "word_rows", new OnnxMessage[0], "words", "input_ids");
        node("Gather", "", "type_rows", new OnnxMessage[0], "types", "token_type_ids");
        node("Shape", "", "length", new OnnxMessage[] {integer("start", 1), integer("end", 2)}, "input_ids");
        node("Slice", "", "position_rows", new OnnxMessage[0], "positions", "zero", "length", "zero");
        node("Add", "", "typed", new OnnxMessage[0], "word_rows", "type_rows");
        node("Add", "", "placed", new OnnxMessage[0], "typed", "position_rows");
        node("Cast", "", "mask", new OnnxMessage[] {integer("to", INT32)}, "attention_mask");
        norm("embeddings.LayerNorm");
        node("LayerNormalization", "", "embedded", new OnnxMessage[] {real("epsilon", shape.normEps()), integer("axis", -1)},
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
        node("Attention", MICROSOFT, layer + "context", new OnnxMessage[] {integer("num_heads", shape.heads())},
                input, layer + "qkv.weight", layer + "qkv.bias", "mask");
        String middle = product(layer + "attention.output", layer + "context", input);
        node("MatMul", "", layer + "wide", new OnnxMessage[0], middle, layer + "intermediate.dense.weight");
        node("BiasGelu", MICROSOFT, layer + "active", new OnnxMessage[0], layer + "wide", layer + "intermediate.dense.bias");
        return product(layer + "output", layer + "active", middle);
    }

    /** LayerNorm(x W + b + residual). */
    private String product(String module, String input, String residual) {
        node("MatMul", "", module + ".product", new OnnxMessage[0], input, module + ".dense.weight");
        node("SkipLayerNormalization", MICROSOFT, module + ".result", new OnnxMessage[] {real("epsilon", encoder.shape().normEps())},
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
        matrix(layer + "qkv.weight", weight, hidden, 3 * hidden);
        matrix(layer + "qkv.bias", bias, 3 * hidden);
    }

    private void linear(String module, int outputs, int inputs) {
        matrix(module + ".weight", transposed(encoder.tensor(module + ".weight", outputs * inputs), outputs, inputs), inputs, outputs);
        matrix(module + ".bias", encoder.tensor(module + ".bias", outputs), outputs);
    }

    private void norm(String module) {
        int hidden = encoder.shape().hidden();
        matrix(module + ".weight", encoder.tensor(module + ".weight", hidden), hidden);
        matrix(module + ".bias", encoder.tensor(module + ".bias", hidden), hidden);
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

    /** An initializer. */
    private void matrix(String name, float[] values, long... shape) {
        ByteBuffer raw = ByteBuffer.allocate(values.length * Float.BYTES).order(ByteOrder.LITTLE_ENDIAN);
        raw.asFloatBuffer().put(values);
        OnnxMessage tensor = new OnnxMessage();
        for (long size : shape) {
            tensor.integer(1, size);
        }
        graph.message(5, tensor.integer(2, FLOAT32).text(8, name).bytes(9, raw.array()));
    }

    private void node(String operator, String domain, String output, OnnxMessage[] attributes, String... inputs) {
        OnnxMessage node = new OnnxMessage();
        for (String input : inputs) {
            node.text(1, input);
        }
        node.text(2, output).text(3, output).text(4, operator).text(7, domain);
        for (OnnxMessage attribute : attributes) {
            node.message(5, attribute);
        }
        graph.message(1, node);
    }

    private static OnnxMessage integer(String name, long value) {
        return new OnnxMessage().text(1, name).integer(3, value).integer(20, 2);
    }

    private static OnnxMessage real(String name, float value) {
        return new OnnxMessage().text(1, name).real(2, value).integer(20, 1);
    }

    /** A tensor of free sizes. */
    private static OnnxMessage value(String name, int type, int dimensions) {
        OnnxMessage shape = new OnnxMessage();
        for (int i = 0; i < dimensions; i++) {
            shape.message(1, new OnnxMessage().text(2, name + "_" + i));
        }
        OnnxMessage tensor = new OnnxMessage().integer(1, type).message(2, shape);
        return new OnnxMessage().text(1, name).message(2, new OnnxMessage().message(1, tensor));
    }
}
