package io.leanspike.train.student;

import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.NDScope;
import io.leanspike.train.data.BatchPlan;
import io.leanspike.train.data.Texts;
import io.leanspike.train.nn.BertForward;
import io.leanspike.train.nn.EncoderParameters;
import io.leanspike.train.nn.Leaves;
import io.leanspike.train.nn.TokenTensors;
import java.util.function.Function;

/** A pass of a teacher over calibration text, with a probe at its values. */
final class Calibration {
    private static final int SEQUENCES = 64;
    private static final int TOKENS = 2048;

    private Calibration() {}

    /** @param probe of a batch @return tokens seen, padding left out */
    static long run(NDManager manager, EncoderParameters teacher, Texts texts, Function<TokenTensors, BertForward.Probe> probe) {
        Leaves leaves = teacher.addTo(Leaves.frozen());
        long tokens = 0;
        for (int[] batch : BatchPlan.byLength(texts, SEQUENCES, TOKENS).batches()) {
            try (NDScope scope = new NDScope()) {
                scope.suppressNotUsedWarning();
                TokenTensors tensors = TokenTensors.of(manager, texts.select(batch));
                new BertForward(teacher, leaves, 0, probe.apply(tensors)).run(tensors, teacher.words().rows(tensors.distinct()));
                tokens += tensors.tokens();
            }
        }
        return tokens;
    }
}
