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

/**
 * Peers (c) and (d): a dense BERT encoder in ONNX Runtime, all graph optimizations on, up to its last hidden states; the classifier's
 * one row a sequence is left out.
 */
final class DenseEncoder implements AutoCloseable {
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

    /** A batch ready to run; close it before the encoder. @param batch of sequences of one length, all of the first segment */
    Forward on(TokenBatch batch) {
        return new Forward(batch);
    }

    final class Forward implements PreparedForward {
        private final Map<String, OnnxTensor> inputs = new LinkedHashMap<>();

        private Forward(TokenBatch batch) {
            long[] ones = new long[batch.rows()];
            Arrays.fill(ones, 1);
            long[] shape = {batch.sequences(), batch.length(0)};
            put("input_ids", Arrays.stream(batch.wordIds()).asLongStream().toArray(), shape);
            put("attention_mask", ones, shape);
            put("token_type_ids", new long[batch.rows()], shape);
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
            try (OrtSession.Result result = session.run(inputs)) {
                result.size();
            } catch (OrtException e) {
                throw refused(e);
            }
        }

        /** Last hidden states [sequences, length, hidden], row-major. */
        float[] hidden() {
            try (OrtSession.Result result = session.run(inputs)) {
                FloatBuffer values = ((OnnxTensor) result.get("last_hidden_state").orElseThrow()).getFloatBuffer();
                float[] hidden = new float[values.remaining()];
                values.get(hidden);
                return hidden;
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
