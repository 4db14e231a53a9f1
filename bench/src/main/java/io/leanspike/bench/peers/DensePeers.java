package io.leanspike.bench.peers;

import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.NDScope;
import io.leanspike.backend.TokenBatch;
import io.leanspike.bench.SyntheticBatch;
import io.leanspike.error.FileFailure;
import io.leanspike.error.InvalidInputException;
import io.leanspike.model.ModelConfig;
import io.leanspike.text.Encoding;
import io.leanspike.train.nn.BertForward;
import io.leanspike.train.nn.EncoderParameters;
import io.leanspike.train.nn.TokenTensors;
import io.leanspike.train.nn.Torch;
import io.leanspike.train.pretrained.EncoderShape;
import io.leanspike.train.pretrained.PretrainedEncoder;
import io.leanspike.train.pretrained.PretrainedSource;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;

/**
 * The dense encoders of one shape: (c) in float32, with MiniLM's own weights where the shape is MiniLM's and random ones elsewhere,
 * and (d) in 8 bits, where it is MiniLM's.
 */
public final class DensePeers implements AutoCloseable {
    private static final String READY = "/all-minilm-l6-v2.onnx";
    private static final String QUANTIZED = "/all-minilm-l6-v2-q.onnx";
    private static final SyntheticBatch CHECKED = new SyntheticBatch(2, 24);
    private static final double FLOAT32_ERROR = 1e-4;
    /** Cosine of hidden states below which an 8-bit model would not be the same model. */
    private static final double SAME_MODEL = 0.95;

    private final PretrainedEncoder weights;
    private final DenseEncoder float32;
    private final Optional<DenseEncoder> int8;
    private final int threads;

    private DensePeers(PretrainedEncoder weights, boolean miniLm, int threads) {
        this.weights = weights;
        this.threads = threads;
        float32 = opened(weights, threads);
        int8 = miniLm ? Optional.of(opened(unpacked(QUANTIZED), threads)) : Optional.empty();
    }

    /** @param config whose shape before pruning is meant */
    static DensePeers of(ModelConfig config, int threads) {
        return new DensePeers(weights(config), isMiniLm(config), threads);
    }

    /**
     * The ONNX file of one of them, a temporary one; empty where the entrant has none of this shape.
     *
     * @throws InvalidInputException when no temporary file can be written
     */
    static Optional<Path> file(Entrant entrant, ModelConfig config) {
        return switch (entrant) {
            case ONNX_FLOAT32 -> Optional.of(written(weights(config)));
            case ONNX_INT8 -> isMiniLm(config) ? Optional.of(unpacked(QUANTIZED)) : Optional.empty();
            case ENGINE, ENGINE_1_THREAD, TORCH_LOOP, TORCH_FOLDED, TORCH_FOLDED_ONEDNN -> Optional.empty();
        };
    }

    /** Whether (d), the only 8-bit encoder that is a component to be had, is of this shape. */
    static boolean isMiniLm(ModelConfig config) {
        return config.hiddenSize() == 384 && config.attentionHeads() == 12 && config.intermediateSize() == 1536 && config.hiddenLayers() == 6;
    }

    private static PretrainedEncoder weights(ModelConfig config) {
        return isMiniLm(config) ? PretrainedSource.read("minilm") : OnnxBert.random(new EncoderShape(config.vocabularySize(), config.hiddenSize(),
                config.attentionHeads(), config.intermediateSize(), config.hiddenLayers(), config.maxPositions(), config.tokenTypes(),
                (float) config.layerNormEps()));
    }

    /**
     * An encoder in ONNX Runtime, with its classifier where it has one.
     *
     * @throws InvalidInputException when no temporary file can be written
     */
    public static DenseEncoder opened(PretrainedEncoder encoder, int threads) {
        return opened(written(encoder), threads);
    }

    private static DenseEncoder opened(Path file, int threads) {
        try {
            return new DenseEncoder(file, threads);
        } finally {
            // What cannot be deleted now is deleted at the end.
            file.toFile().delete();
        }
    }

    private static Path written(PretrainedEncoder encoder) {
        return temporary(file -> OnnxBert.write(encoder, file));
    }

    private static Path unpacked(String resource) {
        return temporary(file -> {
            try (InputStream in = DensePeers.class.getResourceAsStream(resource)) {
                if (in == null) {
                    throw new IllegalStateException(resource + " is not on the class path");
                }
                Files.copy(in, file, StandardCopyOption.REPLACE_EXISTING);
            }
        });
    }

    private interface Writer {
        void write(Path file) throws IOException;
    }

    private static Path temporary(Writer writer) {
        try {
            Path file = Files.createTempFile("leanspike-bert-", ".onnx");
            file.toFile().deleteOnExit();
            writer.write(file);
            return file;
        } catch (IOException e) {
            throw new InvalidInputException("no temporary file can be written to %s: %s"
                    .formatted(System.getProperty("java.io.tmpdir"), FileFailure.words(e)), e);
        }
    }

    Optional<DenseEncoder> encoder(Entrant entrant) {
        return switch (entrant) {
            case ONNX_FLOAT32 -> Optional.of(float32);
            case ONNX_INT8 -> int8;
            case ENGINE, ENGINE_1_THREAD, TORCH_LOOP, TORCH_FOLDED, TORCH_FOLDED_ONEDNN -> Optional.empty();
        };
    }

    /**
     * Checks that the encoders compute what they claim.
     *
     * @return a line for each check
     * @throws Disagreement when one does not hold
     */
    List<String> check() {
        List<String> lines = new ArrayList<>();
        TokenBatch batch = CHECKED.tokens(weights.shape().vocabulary());
        float[] hidden = hidden(float32, batch);
        lines.add(near("(c) and the same BERT in PyTorch", hidden, torch(batch)));
        if (int8.isPresent()) {
            try (DenseEncoder ready = opened(unpacked(READY), threads)) {
                lines.add(near("(c) and MiniLM as it was published", hidden, hidden(ready, batch)));
            }
            double cosine = cosine(hidden, hidden(int8.get(), batch));
            lines.add("(d) and (c): cosine of the hidden states %.4f".formatted(cosine));
            require(cosine >= SAME_MODEL, lines.getLast());
        }
        return lines;
    }

    private static void require(boolean holds, String what) {
        if (!holds) {
            throw new Disagreement(what);
        }
    }

    private static String near(String what, float[] a, float[] b) {
        double apart = IntStream.range(0, a.length).mapToDouble(i -> Math.abs(a[i] - b[i])).max().orElseThrow();
        String line = "%s: hidden states within %.1e".formatted(what, apart);
        require(a.length == b.length && apart <= FLOAT32_ERROR, line);
        return line;
    }

    private static double cosine(float[] a, float[] b) {
        double ab = 0;
        double aa = 0;
        double bb = 0;
        for (int i = 0; i < a.length; i++) {
            ab += (double) a[i] * b[i];
            aa += (double) a[i] * a[i];
            bb += (double) b[i] * b[i];
        }
        return ab / Math.sqrt(aa * bb);
    }

    private static float[] hidden(DenseEncoder encoder, TokenBatch batch) {
        try (DenseEncoder.Forward forward = encoder.on(batch)) {
            return forward.hidden();
        }
    }

    private float[] torch(TokenBatch batch) {
        List<Encoding> encodings = IntStream.range(0, batch.sequences())
                .mapToObj(b -> new Encoding(Arrays.copyOfRange(batch.wordIds(), b * CHECKED.length(), (b + 1) * CHECKED.length()),
                        new int[CHECKED.length()], false)).toList();
        try (NDManager manager = Torch.manager(); NDScope scope = new NDScope()) {
            scope.suppressNotUsedWarning();
            List<Integer> layers = IntStream.range(0, weights.shape().layers()).boxed().toList();
            EncoderParameters parameters = new EncoderParameters(manager, weights, layers, 2, 1).freeze();
            TokenTensors tokens = TokenTensors.of(manager, encodings);
            return BertForward.frozen(parameters).run(tokens, parameters.words().rows(tokens.distinct())).hidden().getLast().toFloatArray();
        }
    }

    @Override
    public void close() {
        float32.close();
        int8.ifPresent(DenseEncoder::close);
    }
}
