package io.leanspike.bench.ablation;

import io.leanspike.SpikingModel;
import io.leanspike.compress.CalibratedQuantization.Correction;
import io.leanspike.compress.EncoderBits;
import io.leanspike.compress.search.CandidateModels;
import io.leanspike.eval.Evaluation;
import io.leanspike.model.EncoderWeights;
import java.lang.foreign.Arena;
import java.util.List;
import java.util.Locale;
import java.util.function.Consumer;

/** Encoder weights rounded to 8, 1.58 and 1 bits, uncorrected and corrected; nothing is trained afterwards. */
final class QuantizationAblation implements Ablation {

    @Override
    public void run(Subject subject, List<Long> seeds, Consumer<AblationRow> found) {
        found.accept(AblationRow.of("weights as they are", "–", List.of(), List.of(subject.evaluateUnchanged())));
        for (EncoderBits bits : EncoderBits.values()) {
            String change = "weights in " + bits + (bits == EncoderBits.BINARY ? " bit" : " bits");
            found.accept(AblationRow.of(change, "rounded", List.of(), List.of(rounded(subject, bits))));
            for (Correction correction : Correction.values()) {
                found.accept(AblationRow.of(change, correction.name().toLowerCase(Locale.ROOT).replace('_', ' ') + " corrected", seeds,
                        seeds.stream().map(seed -> corrected(subject, bits, correction, seed)).toList()));
            }
        }
    }

    private static Evaluation rounded(Subject subject, EncoderBits bits) {
        EncoderWeights weights = subject.checkpoint().weights();
        try (Arena arena = Arena.ofShared()) {
            return subject.evaluate(subject.config(), new EncoderWeights(weights.embeddings(),
                    weights.layers().stream().map(layer -> CandidateModels.quantized(layer, bits, arena)).toList(), weights.classifier()));
        }
    }

    private static Evaluation corrected(Subject subject, EncoderBits bits, Correction correction, long seed) {
        try (Arena arena = Arena.ofShared();
                SpikingModel model = SpikingModel.open(subject.checkpoint().directory(), subject.options())) {
            return subject.evaluate(subject.config(), model.quantized(bits, correction, subject.texts(seed), arena));
        }
    }
}
