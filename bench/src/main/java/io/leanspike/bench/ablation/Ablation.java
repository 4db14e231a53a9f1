package io.leanspike.bench.ablation;

import java.util.List;
import java.util.function.Consumer;

/** One part of compression, every way it can be done in turn and nothing else changed. */
@FunctionalInterface
interface Ablation {

    /**
     * Runs every way.
     *
     * @param seeds of calibration text, where a way looks at any
     * @param found is given each result as soon as it is there
     */
    void run(Subject subject, List<Long> seeds, Consumer<AblationRow> found);

    /** The parts that there are. */
    enum Part implements Ablation {
        /** What tells the least important units. */
        PRUNING(new PruningAblation()),
        /** How a layer reads one of other timesteps. */
        READING(new ReadingAblation()),
        /** What is corrected behind rounding to few bits. */
        QUANTIZATION(new QuantizationAblation());

        private final Ablation ablation;

        Part(Ablation ablation) {
            this.ablation = ablation;
        }

        @Override
        public void run(Subject subject, List<Long> seeds, Consumer<AblationRow> found) {
            ablation.run(subject, seeds, found);
        }
    }
}
