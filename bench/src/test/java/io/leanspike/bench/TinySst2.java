package io.leanspike.bench;

import io.leanspike.model.Checkpoint;
import io.leanspike.model.EncoderWeights;
import io.leanspike.model.LayerNormWeights;
import io.leanspike.model.LayerWeights;
import io.leanspike.model.LinearWeights;
import io.leanspike.model.ModelConfig;
import io.leanspike.model.SafetensorsWriter;
import io.leanspike.model.SpikingConfig;
import io.leanspike.model.StoredTensor;
import io.leanspike.model.TensorNames;
import io.leanspike.tensor.DenseMatrix;
import io.leanspike.tensor.ElementType;
import io.leanspike.tensor.WeightMatrix;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** A checkpoint and a dev.tsv of a few words, for benchmarks that need them to run at all. */
public final class TinySst2 {
    private static final List<String> VOCABULARY = List.of("[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", "a", "fine", "dull", "film");
    private static final ModelConfig CONFIG = new ModelConfig(VOCABULARY.size(), 8, 2, 16, 1, 16, 2, 1e-12,
            List.of("negative", "positive"), new SpikingConfig(List.of(2), 1, 1, 0));

    private final TensorNames names = new TensorNames("bert.");
    private final List<StoredTensor> tensors = new ArrayList<>();

    private TinySst2() {}

    public static Sst2 write(Path directory) throws IOException {
        Files.writeString(directory.resolve(Checkpoint.CONFIG_FILE), """
                {"model_type": "bert", "vocab_size": %d, "hidden_size": 8, "num_attention_heads": 2, "intermediate_size": 16,
                 "num_hidden_layers": 1, "max_position_embeddings": 16, "type_vocab_size": 2, "hidden_act": "gelu",
                 "layer_norm_eps": 1e-12, "num_labels": 2, "id2label": {"0": "negative", "1": "positive"},
                 "spiking": {"timesteps": 2, "threshold": 1.0, "leak": 1.0}}
                """.formatted(VOCABULARY.size()));
        Files.write(directory.resolve("vocab.txt"), VOCABULARY);
        try (SyntheticModel model = new SyntheticModel(CONFIG)) {
            TinySst2 tiny = new TinySst2();
            tiny.add(model.weights());
            SafetensorsWriter.write(directory.resolve(Checkpoint.WEIGHTS_FILE), tiny.tensors, Map.of());
        }
        Path data = Files.writeString(directory.resolve("dev.tsv"), "sentence\tlabel\na fine film\t1\na dull film\t0\ndull\t0\n");
        return new Sst2(directory, data);
    }

    private void add(EncoderWeights weights) {
        add(names.wordEmbeddings(), weights.embeddings().word());
        add(names.positionEmbeddings(), weights.embeddings().position());
        add(names.tokenTypeEmbeddings(), weights.embeddings().tokenType());
        add(names.embeddingNorm(), weights.embeddings().norm());
        LayerWeights layer = weights.layers().getFirst();
        add(names.layer(0, "attention.self.query"), layer.query());
        add(names.layer(0, "attention.self.key"), layer.key());
        add(names.layer(0, "attention.self.value"), layer.value());
        add(names.layer(0, "attention.output.dense"), layer.attentionOutput());
        add(names.layer(0, "attention.output.LayerNorm"), layer.attentionOutputNorm());
        add(names.layer(0, "intermediate.dense"), layer.intermediate());
        add(names.layer(0, "output.dense"), layer.output());
        add(names.layer(0, "output.LayerNorm"), layer.outputNorm());
        add(names.classifier(), weights.classifier());
    }

    private void add(String module, LinearWeights linear) {
        add(module + ".weight", linear.weight());
        add(module + ".bias", linear.bias());
    }

    private void add(String module, LayerNormWeights norm) {
        add(module + ".weight", norm.weight());
        add(module + ".bias", norm.bias());
    }

    private void add(String name, WeightMatrix matrix) {
        tensors.add(new StoredTensor(name, ElementType.F32, List.of((long) matrix.rows(), (long) matrix.columns()),
                ((DenseMatrix) matrix).elements()));
    }

    private void add(String name, float[] values) {
        ByteBuffer bytes = ByteBuffer.allocate(values.length * Float.BYTES).order(ByteOrder.LITTLE_ENDIAN);
        bytes.asFloatBuffer().put(values);
        tensors.add(new StoredTensor(name, ElementType.F32, List.of((long) values.length), MemorySegment.ofArray(bytes.array())));
    }
}
