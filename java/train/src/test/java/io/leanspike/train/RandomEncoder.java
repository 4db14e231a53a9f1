package io.leanspike.train;

import io.leanspike.model.SafetensorsWriter;
import io.leanspike.model.StoredTensor;
import io.leanspike.tensor.ElementType;
import io.leanspike.train.data.ModelFiles;
import io.leanspike.train.pretrained.EncoderShape;
import io.leanspike.train.pretrained.PretrainedEncoder;
import io.leanspike.train.pretrained.PretrainedSource;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;

/** A small BERT encoder of random weights, as a folder in Hugging Face's layout. Its words are a ... z and word0, word1, ... */
public final class RandomEncoder {
    private static final List<String> SPECIAL = List.of("[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]");

    private RandomEncoder() {}

    public static List<String> vocabulary(int words) {
        List<String> pieces = new ArrayList<>(SPECIAL);
        for (char c = 'a'; c <= 'z'; c++) {
            pieces.add(Character.toString(c));
            pieces.add("##" + c);
        }
        for (int i = 0; i < words; i++) {
            pieces.add("word" + (char) ('a' + i / 26) + (char) ('a' + i % 26));
        }
        return pieces;
    }

    public static PretrainedEncoder write(Path folder, int hidden, int heads, int layers, int words, long seed) {
        List<String> vocabulary = vocabulary(words);
        EncoderShape shape = new EncoderShape(vocabulary.size(), hidden, heads, 2 * hidden, layers, 32, 2, 1e-12f);
        Random random = new Random(seed);
        List<StoredTensor> tensors = new ArrayList<>();
        tensors.add(drawn("embeddings.word_embeddings.weight", random, 0, 1, shape.vocabulary(), hidden));
        tensors.add(drawn("embeddings.position_embeddings.weight", random, 0, 0.2, shape.positions(), hidden));
        tensors.add(drawn("embeddings.token_type_embeddings.weight", random, 0, 0.2, 2, hidden));
        norm(tensors, "embeddings.LayerNorm", random, hidden);
        for (int layer = 0; layer < layers; layer++) {
            String name = "encoder.layer." + layer + ".";
            for (String module : List.of("attention.self.query", "attention.self.key", "attention.self.value", "attention.output.dense")) {
                linear(tensors, name + module, random, hidden, hidden);
            }
            norm(tensors, name + "attention.output.LayerNorm", random, hidden);
            linear(tensors, name + "intermediate.dense", random, 2 * hidden, hidden);
            linear(tensors, name + "output.dense", random, hidden, 2 * hidden);
            norm(tensors, name + "output.LayerNorm", random, hidden);
        }
        linear(tensors, "classifier", random, 2, hidden);
        ModelFiles.write(folder, ModelFiles.config(shape, List.of("negative", "positive"), "BertForSequenceClassification"), vocabulary);
        SafetensorsWriter.write(folder.resolve("model.safetensors"), tensors, Map.of());
        return PretrainedSource.read(folder.toString());
    }

    private static void linear(List<StoredTensor> tensors, String name, Random random, int outputs, int inputs) {
        tensors.add(drawn(name + ".weight", random, 0, 1.5 / Math.sqrt(inputs), outputs, inputs));
        tensors.add(drawn(name + ".bias", random, 0, 0.1, outputs));
    }

    private static void norm(List<StoredTensor> tensors, String name, Random random, int width) {
        tensors.add(drawn(name + ".weight", random, 0.8, 0.1, width));
        tensors.add(drawn(name + ".bias", random, 0, 0.1, width));
    }

    private static StoredTensor drawn(String name, Random random, double mean, double deviation, long... shape) {
        int size = 1;
        List<Long> sizes = new ArrayList<>();
        for (long length : shape) {
            size *= (int) length;
            sizes.add(length);
        }
        ByteBuffer bytes = ByteBuffer.allocate(size * Float.BYTES).order(ByteOrder.LITTLE_ENDIAN);
        for (int i = 0; i < size; i++) {
            bytes.putFloat((float) (mean + deviation * random.nextGaussian()));
        }
        return new StoredTensor(name, ElementType.F32, sizes, MemorySegment.ofArray(bytes.array()));
    }
}
