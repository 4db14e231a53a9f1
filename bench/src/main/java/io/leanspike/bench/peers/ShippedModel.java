package io.leanspike.bench.peers;

import io.leanspike.backend.TokenBatch;
import io.leanspike.backend.WeightKind;
import io.leanspike.cli.BundledFiles;
import io.leanspike.model.Checkpoint;
import io.leanspike.model.EncoderWeights;
import io.leanspike.model.LayerWeights;
import io.leanspike.model.LinearWeights;
import io.leanspike.model.ModelConfig;
import io.leanspike.text.GlueExample;
import io.leanspike.text.GlueReader;
import io.leanspike.text.GlueTask;
import io.leanspike.text.Tokenizer;
import io.leanspike.tensor.WeightMatrix;
import java.util.List;
import java.util.stream.Stream;

/** The model that comes with the command line, on the reviews that come with it. */
final class ShippedModel implements Checkpointed, AutoCloseable {
    private final BundledFiles files = new BundledFiles();
    private final Checkpoint checkpoint;
    private final TokenStream text;

    ShippedModel() {
        checkpoint = Checkpoint.open(files.model());
        ModelConfig config = checkpoint.config();
        try (Tokenizer tokenizer = Tokenizer.open(files.model(), config.maxPositions(), config.vocabularySize())) {
            text = TokenStream.of(tokenizer.encode(
                    GlueReader.read(GlueTask.SST_2, files.sample()).stream().map(GlueExample::input).toList()));
        }
    }

    @Override
    public ModelConfig config() {
        return checkpoint.config();
    }

    @Override
    public EncoderWeights weights() {
        return checkpoint.weights();
    }

    @Override
    public TokenBatch batch(int sequences, int length) {
        return text.batch(sequences, length);
    }

    /** What the encoder's matrices are stored as. */
    WeightKind kind() {
        List<WeightMatrix> matrices = weights().layers().stream().flatMap(ShippedModel::linears).map(LinearWeights::weight).toList();
        return WeightKind.keeping(matrices);
    }

    private static Stream<LinearWeights> linears(LayerWeights layer) {
        return Stream.of(layer.query(), layer.key(), layer.value(), layer.attentionOutput(), layer.intermediate(), layer.output());
    }

    @Override
    public void close() {
        checkpoint.close();
        files.close();
    }
}
