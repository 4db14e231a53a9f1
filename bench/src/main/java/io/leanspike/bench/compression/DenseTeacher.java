package io.leanspike.bench.compression;

import ai.djl.ndarray.NDManager;
import io.leanspike.account.EnergyModel;
import io.leanspike.account.Operations;
import io.leanspike.backend.TokenBatch;
import io.leanspike.bench.peers.DenseEncoder;
import io.leanspike.bench.peers.DensePeers;
import io.leanspike.bench.peers.Disagreement;
import io.leanspike.bench.peers.PreparedForward;
import io.leanspike.error.FileFailure;
import io.leanspike.error.InvalidInputException;
import io.leanspike.eval.Logits;
import io.leanspike.eval.TaskMetrics;
import io.leanspike.model.Checkpoint;
import io.leanspike.model.ModelConfig;
import io.leanspike.model.ModelConfigReader;
import io.leanspike.model.SpikingConfig;
import io.leanspike.text.Encoding;
import io.leanspike.text.GlueExample;
import io.leanspike.text.LabelMapping;
import io.leanspike.text.LengthBatch;
import io.leanspike.text.LengthBatches;
import io.leanspike.text.Tokenizer;
import io.leanspike.train.nn.BertForward;
import io.leanspike.train.nn.EncoderParameters;
import io.leanspike.train.nn.TokenTensors;
import io.leanspike.train.nn.Torch;
import io.leanspike.train.pretrained.EncoderShape;
import io.leanspike.train.pretrained.PretrainedEncoder;
import io.leanspike.train.pretrained.PretrainedSource;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;

/** The fine-tuned BERT that students learned from, float32, in ONNX Runtime: its own weights and classifier, from ids to logits. */
final class DenseTeacher implements Measured {
    private static final int BATCH = 32;
    private static final int CHECKED = 16;
    /** Of the logits, which are of the size of a few units. */
    private static final double FLOAT32_ERROR = 1e-3;

    private final PretrainedEncoder weights;
    private final ModelConfig config;
    private final DenseEncoder encoder;
    private final TaskText text;
    private final List<Encoding> encodings;
    private final ModelFigures figures;

    private DenseTeacher(Path folder, PretrainedEncoder weights, DenseEncoder encoder, TaskText text) {
        this.weights = weights;
        this.encoder = encoder;
        this.text = text;
        config = config(weights.shape());
        try (Tokenizer tokenizer = Tokenizer.open(folder, config.maxPositions(), config.vocabularySize())) {
            encodings = text.encode(tokenizer);
        }
        check();
        figures = figures(folder, metrics(LabelMapping.of(text.task(), ModelConfigReader.labels(folder.resolve(Checkpoint.CONFIG_FILE)))));
    }

    /**
     * Opens a folder in Hugging Face's layout, as {@code leanspike train teacher} makes it, and answers all examples.
     *
     * @throws InvalidInputException when there is no such model with a classifier for the task
     * @throws Disagreement when ONNX Runtime does not compute what PyTorch does
     */
    static DenseTeacher open(Path folder, TaskText text, int threads) {
        PretrainedEncoder weights = PretrainedSource.read(folder.toString());
        if (!weights.has("classifier.weight") || weights.has("pooler.dense.weight")) {
            throw new InvalidInputException("%s: a classifier of the first token's hidden state is needed, as leanspike train teacher makes"
                    .formatted(folder));
        }
        DenseEncoder encoder = DensePeers.opened(weights, threads);
        try {
            return new DenseTeacher(folder, weights, encoder, text);
        } catch (RuntimeException | Error e) {
            encoder.close();
            throw e;
        }
    }

    /** For cutting batches. */
    private static ModelConfig config(EncoderShape shape) {
        return new ModelConfig(shape.vocabulary(), shape.hidden(), shape.heads(), shape.intermediate(), shape.layers(), shape.positions(),
                shape.types(), shape.normEps(), List.of(), new SpikingConfig(Collections.nCopies(shape.layers(), 1), 1, 1, 0));
    }

    /** A few logits are those of the same weights in PyTorch: what is timed is this model. */
    private void check() {
        List<Encoding> some = encodings.subList(0, Math.min(CHECKED, encodings.size()));
        float[][] actual = logits(some);
        float[] expected;
        try (NDManager manager = Torch.manager()) {
            List<Integer> layers = IntStream.range(0, weights.shape().layers()).boxed().toList();
            EncoderParameters parameters = new EncoderParameters(manager, weights, layers, actual[0].length, 1).freeze();
            TokenTensors tokens = TokenTensors.of(manager, some);
            BertForward forward = BertForward.frozen(parameters);
            expected = forward.logits(forward.run(tokens, parameters.words().rows(tokens.distinct()))).toFloatArray();
        }
        for (int i = 0; i < expected.length; i++) {
            float got = actual[i / actual[0].length][i % actual[0].length];
            if (!(Math.abs(got - expected[i]) <= FLOAT32_ERROR * Math.max(1, Math.abs(expected[i])))) {
                throw new Disagreement("the teacher's logit %d is %s in ONNX Runtime and %s in PyTorch".formatted(i, got, expected[i]));
            }
        }
    }

    private float[][] logits(List<Encoding> of) {
        float[][] all = new float[of.size()][];
        for (LengthBatch batch : LengthBatches.cut(of, BATCH, config).batches()) {
            try (DenseEncoder.Forward forward = encoder.on(batch.tokens())) {
                float[][] logits = forward.logits();
                for (int i = 0; i < logits.length; i++) {
                    all[batch.inputs()[i]] = logits[i];
                }
            }
        }
        return all;
    }

    private Map<String, Double> metrics(LabelMapping mapping) {
        double[] predicted = Arrays.stream(logits(encodings)).mapToDouble(logits -> text.task().isRegression() ? logits[0]
                : mapping.taskLabel(Logits.winner(IntStream.range(0, logits.length).mapToDouble(i -> logits[i]).toArray()))).toArray();
        return TaskMetrics.compute(text.task(), predicted, text.examples().stream().mapToDouble(GlueExample::gold).toArray());
    }

    private ModelFigures figures(Path folder, Map<String, Double> metrics) {
        EncoderShape shape = weights.shape();
        long labels = weights.tensors().get("classifier.bias").length;
        double macs = encodings.stream().mapToLong(encoding -> labels * shape.hidden() + shape.layers()
                * Operations.denseMacs(shape.hidden(), shape.hidden(), shape.hidden(), shape.intermediate(), encoding.length()))
                .average().orElseThrow();
        long matrices = 2L * shape.hidden() * (2L * shape.hidden() + shape.intermediate()) * shape.layers();
        return new ModelFigures("teacher, dense float32", true, metrics, List.of(), 0, macs,
                EnergyModel.FORTY_FIVE_NANOMETRES.joules(0, macs), matrices * Float.BYTES,
                fileBytes(folder.resolve(Checkpoint.WEIGHTS_FILE)));
    }

    private static long fileBytes(Path file) {
        try {
            return Files.size(file);
        } catch (IOException e) {
            throw new InvalidInputException("%s cannot be read: %s".formatted(file, FileFailure.words(e)), e);
        }
    }

    @Override
    public ModelFigures figures() {
        return figures;
    }

    @Override
    public PreparedForward timed(int batch) {
        List<DenseEncoder.Forward> batches = text.timed(encodings, batch, config).stream().map(encoder::on).toList();
        return new PreparedForward() {
            @Override
            public void run() {
                batches.forEach(DenseEncoder.Forward::run);
            }

            @Override
            public void close() {
                batches.forEach(DenseEncoder.Forward::close);
            }
        };
    }

    @Override
    public void close() {
        encoder.close();
    }
}
