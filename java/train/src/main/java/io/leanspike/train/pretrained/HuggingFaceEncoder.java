package io.leanspike.train.pretrained;

import com.google.gson.JsonObject;
import com.google.gson.JsonParseException;
import com.google.gson.JsonParser;
import io.leanspike.error.FileFailure;
import io.leanspike.error.InvalidInputException;
import io.leanspike.model.Safetensors;
import io.leanspike.model.StoredTensor;
import io.leanspike.tensor.DenseMatrix;
import io.leanspike.tensor.ElementType;
import java.io.IOException;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;

/** Reads a BERT encoder out of a folder in Hugging Face's layout: config.json, model.safetensors (F32, F16, BF16), vocabulary. */
final class HuggingFaceEncoder {
    private static final String PREFIX = "bert.";
    private static final ValueLayout.OfFloat FLOAT = ValueLayout.JAVA_FLOAT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

    private HuggingFaceEncoder() {}

    /** @throws InvalidInputException when a file is missing or not as it must be */
    static PretrainedEncoder read(Path folder) {
        EncoderShape shape = shape(folder.resolve("config.json"));
        Map<String, float[]> tensors = new HashMap<>();
        try (Safetensors file = Safetensors.open(folder.resolve("model.safetensors"))) {
            for (String name : file.names()) {
                StoredTensor tensor = file.tensor(name);
                if (tensor.type().isReal() && tensor.type() != ElementType.F64) {
                    tensors.put(name.startsWith(PREFIX) ? name.substring(PREFIX.length()) : name, floats(tensor));
                }
            }
        }
        return new PretrainedEncoder(folder.toString(), shape, tensors, Vocabulary.ofFolder(folder));
    }

    private static EncoderShape shape(Path file) {
        try {
            JsonObject config = JsonParser.parseString(Files.readString(file)).getAsJsonObject();
            return new EncoderShape(integer(config, "vocab_size", file), integer(config, "hidden_size", file),
                    integer(config, "num_attention_heads", file), integer(config, "intermediate_size", file),
                    integer(config, "num_hidden_layers", file), integer(config, "max_position_embeddings", file),
                    integer(config, "type_vocab_size", file),
                    config.has("layer_norm_eps") ? config.get("layer_norm_eps").getAsFloat() : 1e-12f);
        } catch (IOException e) {
            throw new InvalidInputException("%s cannot be read: %s".formatted(file, FileFailure.words(e)), e);
        } catch (JsonParseException | IllegalStateException | IllegalArgumentException e) {
            throw new InvalidInputException("%s: %s".formatted(file, e.getMessage()), e);
        }
    }

    private static int integer(JsonObject config, String field, Path file) {
        if (!config.has(field)) {
            throw new InvalidInputException("%s: the field '%s' is missing".formatted(file, field));
        }
        return config.get(field).getAsInt();
    }

    private static float[] floats(StoredTensor tensor) {
        if (tensor.type() == ElementType.F32) {
            return tensor.data().toArray(FLOAT);
        }
        int elements = Math.toIntExact(tensor.elements());
        DenseMatrix row = new DenseMatrix(tensor.data(), tensor.type(), 1, elements);
        float[] values = new float[elements];
        for (int i = 0; i < elements; i++) {
            values[i] = (float) row.get(0, i);
        }
        return values;
    }
}
