package io.leanspike.eval;

/** Hears how far an evaluation has come. */
@FunctionalInterface
public interface Progress {
    Progress SILENT = (done, total) -> {};

    /** {@code done} of {@code total} examples are finished. Called from the evaluating thread, after each batch. */
    void at(long done, long total);
}
