package io.leanspike.bench.peers;

import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import io.leanspike.backend.TokenBatch;
import java.nio.FloatBuffer;
import java.nio.LongBuffer;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import java.util.stream.IntStream;

/**
 * A dense BERT encoder in ONNX Runtime, all graph optimizations on: up to its logits where the file has a classifier, else up to its last
 * hidden states, as peers (c) and (d), whose classifiers would add one row a sequence.
 */
public final class DenseEncoder implements AutoCloseable {
    private static final String HIDDEN = "last_hidden_state";
    private static final String LOGITS = "logits";

    private final OrtEnvironment environment = OrtEnvironment.getEnvironment();
    private final OrtSession session;

    /** @param model an ONNX file */
    DenseEncoder(Path model, int threads) {
        try (OrtSession.SessionOptions options = options(threads)) {
            session = environment.createSession(model.toString(), options);
        } catch (OrtException e) {
            throw refused(e);
        }
    }

    private static OrtSession.SessionOptions options(int threads) throws OrtException {
        OrtSession.SessionOptions options = new OrtSession.SessionOptions();
        options.setOptimizationLevel(OrtSession.SessionOptions.OptLevel.ALL_OPT);
        options.setExecutionMode(OrtSession.SessionOptions.ExecutionMode.SEQUENTIAL);
        options.setIntraOpNumThreads(threads);
        options.setInterOpNumThreads(1);
        return options;
    }

    private static IllegalStateException refused(OrtException e) {
        return new IllegalStateException("ONNX Runtime: " + e.getMessage(), e);
    }

    /** A batch ready to run, padded to its longest sequence; close it before the encoder. */
    public Forward on(TokenBatch batch) {
        return new Forward(batch);
    }

    /** One batch. */
    public final class Forward implements PreparedForward {
        private final Map<String, OnnxTensor> inputs = new LinkedHashMap<>();
        private final int sequences;

        private Forward(TokenBatch batch) {
            sequences = batch.sequences();
            int length = IntStream.range(0, sequences).map(batch::length).max().orElseThrow();
            long[] words = new long[sequences * length];
            long[] types = new long[words.length];
            long[] live = new long[words.length];
            for (int b = 0; b < sequences; b++) {
                for (int i = 0; i < batch.length(b); i++) {
                    int row = batch.rowOffsets()[b] + i;
                    words[b * length + i] = batch.wordIds()[row];
                    types[b * length + i] = batch.typeIds()[row];
                    live[b * length + i] = batch.live()[row];
                }
            }
            long[] shape = {sequences, length};
            put("input_ids", words, shape);
            put("attention_mask", live, shape);
            put("token_type_ids", types, shape);
        }

        private void put(String name, long[] values, long[] shape) {
            try {
                inputs.put(name, OnnxTensor.createTensor(environment, LongBuffer.wrap(values), shape));
            } catch (OrtException e) {
                throw refused(e);
            }
        }

        @Override
        public void run() {
            try (OrtSession.Result result = session.run(inputs, Set.of(session.getOutputNames().contains(LOGITS) ? LOGITS : HIDDEN))) {
                result.size();
            } catch (OrtException e) {
                throw refused(e);
            }
        }

        /** Last hidden states [sequences, length, hidden], row-major. */
        float[] hidden() {
            return output(HIDDEN);
        }

        /** [sequences][labels] of an encoder with a classifier. */
        public float[][] logits() {
            float[] all = output(LOGITS);
            int labels = all.length / sequences;
            return IntStream.range(0, sequences).mapToObj(b -> Arrays.copyOfRange(all, b * labels, (b + 1) * labels))
                    .toArray(float[][]::new);
        }

        private float[] output(String name) {
            try (OrtSession.Result result = session.run(inputs, Set.of(name))) {
                FloatBuffer buffer = ((OnnxTensor) result.get(name).orElseThrow()).getFloatBuffer();
                float[] values = new float[buffer.remaining()];
                buffer.get(values);
                return values;
            } catch (OrtException e) {
                throw refused(e);
            }
        }

        @Override
        public void close() {
            inputs.values().forEach(OnnxTensor::close);
        }
    }

    @Override
    public void close() {
        try {
            session.close();
        } catch (OrtException e) {
            throw refused(e);
        }
    }
}
