package io.leanspike.cli;

import io.leanspike.Classification;
import io.leanspike.SpikingModel;

/** The whole way from text to answer, with the model that is always there. */
final class BundledModelCheck {
    private static final String SUBJECT = "bundled model";
    private static final String SENTENCE = "a warm and funny film";

    private BundledModelCheck() {}

    static Diagnosis run() {
        try (BundledFiles bundled = new BundledFiles(); SpikingModel model = SpikingModel.open(bundled.model())) {
            Classification answer = model.classify(SENTENCE);
            return Diagnosis.ok(SUBJECT, "\"%s\" is %s, on %s".formatted(SENTENCE, answer.label(), model.backend().backend().device()));
        } catch (RuntimeException | LinkageError e) {
            return Diagnosis.of(Diagnosis.Verdict.FAILS, SUBJECT, e.getMessage(),
                    "mend what fails above; if nothing does, build again (mvn -B package), and report it with this page");
        }
    }
}
