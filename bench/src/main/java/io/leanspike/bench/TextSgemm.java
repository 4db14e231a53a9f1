package io.leanspike.bench;

import io.leanspike.backend.KernelCall;
import io.leanspike.text.LengthBatch;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** A text's products done densely, timesteps folded into the rows: the same shapes in the same order as its forward passes. */
final class TextSgemm implements Contender, AutoCloseable {
    static final String NAME = "sgemm";

    private record Shape(int rows, int inputs, int outputs) {}

    private final Map<Shape, Sgemm> products = new HashMap<>();
    private final List<Sgemm> order = new ArrayList<>();

    TextSgemm(TokenizedText text, int threads) {
        for (LengthBatch batch : text.batches()) {
            for (KernelCall call : text.plan(batch.tokens()).operations()) {
                if (call instanceof KernelCall.SpikeMatmul matmul) {
                    Shape shape = new Shape(batch.tokens().rows() * matmul.timesteps(), matmul.inputs(), matmul.outputs());
                    order.add(products.computeIfAbsent(shape, s -> new Sgemm(s.rows, s.inputs, s.outputs, threads)));
                }
            }
        }
    }

    @Override
    public Map<String, Double> sample() {
        Contender.pause();
        long start = System.nanoTime();
        order.forEach(Sgemm::multiply);
        double seconds = (System.nanoTime() - start) * 1e-9;
        return Map.of(NAME, order.stream().mapToDouble(Sgemm::gmac).sum() / seconds);
    }

    @Override
    public void close() {
        products.values().forEach(Sgemm::close);
    }
}
