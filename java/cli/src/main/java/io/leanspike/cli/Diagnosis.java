package io.leanspike.cli;

import java.util.List;
import java.util.Locale;
import java.util.Optional;

/**
 * What the doctor found out about one thing.
 *
 * @param advice what to do about it, where there is something
 */
record Diagnosis(Verdict verdict, String subject, String finding, Optional<String> advice) {
    enum Verdict {
        /** Used. */
        OK,
        /** Not there, and not needed. */
        ABSENT,
        /** Works, but worse than it could. */
        SLOW,
        /** No model can be run. */
        FAILS;

        @Override
        public String toString() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    /** Looks at one thing. */
    @FunctionalInterface
    interface Check {
        Diagnosis run();
    }

    static final List<Check> CHECKS =
            List.of(JavaCheck::run, NativeKernelCheck::run, CudaCheck::run, TokenizerCheck::run, BundledModelCheck::run);

    static Diagnosis ok(String subject, String finding) {
        return new Diagnosis(Verdict.OK, subject, finding, Optional.empty());
    }

    static Diagnosis of(Verdict verdict, String subject, String finding, String advice) {
        return new Diagnosis(verdict, subject, finding, Optional.of(advice));
    }
}
