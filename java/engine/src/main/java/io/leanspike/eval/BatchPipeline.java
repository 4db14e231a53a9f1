package io.leanspike.eval;

import io.leanspike.backend.BatchRun;
import io.leanspike.backend.DeviceMemoryException;
import io.leanspike.backend.TokenBatch;
import io.leanspike.schedule.ExecutionPlan;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.function.Consumer;

/**
 * Runs batches with several under way, so that a device's copies run beside its kernels; results come in the order of the batches. A
 * batch that does not fit a device's memory beside the others is run alone, in halves where it must be, and a line says so.
 */
final class BatchPipeline {
    /** Looks at a finished run before its memory is reused. */
    @FunctionalInterface
    interface Inspector {
        void look(ExecutionPlan plan, TokenBatch batch, BatchRun run);
    }

    private record UnderWay(TokenBatch batch, ExecutionPlan plan, BatchRun run, int index) {}

    private final InferenceSession session;
    private final Inspector inspector;
    private final Consumer<String> notices;
    private final List<List<double[]>> results = new ArrayList<>();

    BatchPipeline(InferenceSession session, Inspector inspector, Consumer<String> notices) {
        this.session = session;
        this.inspector = inspector;
        this.notices = notices;
    }

    /** Logits of every batch's sequences, in order; {@code finished} hears the sequences of each batch as it is done. */
    List<List<double[]>> logits(List<TokenBatch> batches, Consumer<Integer> finished) {
        Deque<UnderWay> underWay = new ArrayDeque<>();
        try {
            for (TokenBatch batch : batches) {
                results.add(new ArrayList<>());
                if (underWay.size() == session.batchesUnderWay()) {
                    finish(underWay, finished);
                }
                try {
                    start(batch, results.size() - 1, underWay);
                } catch (DeviceMemoryException e) {
                    while (!underWay.isEmpty()) {
                        finish(underWay, finished);
                    }
                    alone(batch, results.getLast());
                    finished.accept(batch.sequences());
                }
            }
            while (!underWay.isEmpty()) {
                finish(underWay, finished);
            }
            return results;
        } finally {
            close(underWay);
        }
    }

    /** Each of them, whatever the others throw. */
    private static void close(Deque<UnderWay> underWay) {
        if (!underWay.isEmpty()) {
            try (BatchRun run = underWay.poll().run) {
                close(underWay);
            }
        }
    }

    private void start(TokenBatch batch, int index, Deque<UnderWay> underWay) {
        ExecutionPlan plan = session.plan(batch);
        underWay.add(new UnderWay(batch, plan, session.start(plan, batch), index));
    }

    private void finish(Deque<UnderWay> underWay, Consumer<Integer> finished) {
        UnderWay one = underWay.poll();
        try (BatchRun run = one.run) {
            results.get(one.index).addAll(List.of(run.logits()));
            inspector.look(one.plan, one.batch, run);
        }
        finished.accept(one.batch.sequences());
    }

    /** With the device's memory to itself, and in halves where that does not suffice. */
    private void alone(TokenBatch batch, List<double[]> into) {
        ExecutionPlan plan = session.plan(batch);
        try (BatchRun run = session.start(plan, batch)) {
            into.addAll(List.of(run.logits()));
            inspector.look(plan, batch, run);
            return;
        } catch (DeviceMemoryException e) {
            if (batch.sequences() == 1) {
                throw new DeviceMemoryException("a sequence of %d tokens does not fit the device's memory even alone: %s"
                        .formatted(batch.rows(), e.getMessage()));
            }
        }
        notices.accept("%d sequences do not fit the device's memory; running them as two batches".formatted(batch.sequences()));
        int middle = batch.sequences() / 2;
        alone(batch.part(0, middle), into);
        alone(batch.part(middle, batch.sequences()), into);
    }
}
