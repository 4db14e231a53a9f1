package io.leanspike.backend.reference;

import io.leanspike.backend.Epilogue;
import io.leanspike.backend.KernelCall;
import io.leanspike.backend.Population;
import io.leanspike.backend.TokenBatch;
import io.leanspike.model.LayerNormWeights;
import java.util.Optional;

/** The equilibrium operations (T to infinity): rates clamp(I / V_th, 0, 1) in place of spikes. */
final class RateOperations {
    private RateOperations() {}

    static void encode(ReferenceRun run, KernelCall.RateEncode call) {
        double[] out = run.rateBuffer(Population.EMBEDDING, call.width());
        run.model().forEach(run.batch().rows(), row -> {
            double[] current = TokenEmbedding.of(run.model().weights().embeddings(), run.batch(), row);
            store(out, row, current, call.neuron().threshold());
        });
    }

    static void matmul(ReferenceRun run, KernelCall.RateMatmul call) {
        double[] in = run.rates(call.projection().input(call.layer()));
        Accumulation product = run.model().product(call.layer(), call.projection());
        if (call.projection().epilogue() == Epilogue.REAL) {
            double[] query = run.queryBuffer(call.layer(), run.batch().rows() * call.outputs());
            run.model().forEach(run.batch().rows(), row ->
                    System.arraycopy(product.ofRates(in, row), 0, query, row * call.outputs(), call.outputs()));
            return;
        }
        double[] out = run.rateBuffer(call.projection().output(call.layer()).orElseThrow(), call.outputs());
        Optional<double[]> residual = call.projection().residual(call.layer()).map(run::rates);
        Optional<LayerNormWeights> norm = call.projection().norm(run.model().weights().layers().get(call.layer()));
        run.model().forEach(run.batch().rows(), row -> {
            double[] current = product.ofRates(in, row);
            if (residual.isPresent()) {
                for (int j = 0; j < current.length; j++) {
                    current[j] += residual.get()[row * current.length + j];
                }
            }
            norm.ifPresent(n -> Numerics.layerNorm(current, n.weight(), n.bias(), n.eps()));
            if (call.projection().epilogue() == Epilogue.GELU_MEMBRANE) {
                for (int j = 0; j < current.length; j++) {
                    current[j] = Numerics.gelu(current[j]);
                }
            }
            store(out, row, current, call.neuron().threshold());
        });
    }

    static void attention(ReferenceRun run, KernelCall.RateAttention call) {
        TokenBatch batch = run.batch();
        double[] query = run.query(call.layer());
        double[] key = run.rates(new Population(call.layer(), Population.Kind.KEY));
        double[] value = run.rates(new Population(call.layer(), Population.Kind.VALUE));
        int keyWidth = call.heads().keyWidth();
        int valueWidth = call.heads().valueWidth();
        int[] keyOffsets = call.heads().keyOffsets();
        int[] valueOffsets = call.heads().valueOffsets();
        double[] out = run.rateBuffer(new Population(call.layer(), Population.Kind.CONTEXT), valueWidth);
        int[] sequenceOf = AttentionMask.sequenceOfRow(batch);
        run.model().forEach(batch.rows(), row -> {
            int[] keys = AttentionMask.keys(batch, sequenceOf[row]);
            double[] p = new double[keys.length];
            double[] current = new double[valueWidth];
            for (int head = 0; head < call.heads().count(); head++) {
                for (int i = 0; i < keys.length; i++) {
                    p[i] = 0;
                    for (int c = keyOffsets[head]; c < keyOffsets[head + 1]; c++) {
                        p[i] += query[row * keyWidth + c] * key[keys[i] * keyWidth + c];
                    }
                    p[i] *= call.heads().scale();
                }
                Numerics.softmax(p, keys.length);
                for (int i = 0; i < keys.length; i++) {
                    for (int c = valueOffsets[head]; c < valueOffsets[head + 1]; c++) {
                        current[c] += p[i] * value[keys[i] * valueWidth + c];
                    }
                }
            }
            store(out, row, current, call.neuron().threshold());
        });
    }

    private static void store(double[] out, int row, double[] current, double threshold) {
        for (int j = 0; j < current.length; j++) {
            out[row * current.length + j] = Numerics.rate(current[j], threshold);
        }
    }
}
