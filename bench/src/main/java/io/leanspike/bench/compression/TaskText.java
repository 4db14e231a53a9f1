package io.leanspike.bench.compression;

import io.leanspike.backend.TokenBatch;
import io.leanspike.model.ModelConfig;
import io.leanspike.text.Encoding;
import io.leanspike.text.GlueExample;
import io.leanspike.text.GlueTask;
import io.leanspike.text.LengthBatch;
import io.leanspike.text.LengthBatches;
import io.leanspike.text.Tokenizer;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.IntStream;

/**
 * The examples of a run.
 *
 * @param timed how many of them are timed: evenly spread, so that they are as long as all are
 */
record TaskText(GlueTask task, Path file, List<GlueExample> examples, int timed) {

    TaskText(GlueTask task, Path file, List<GlueExample> examples, int timed) {
        this.task = task;
        this.file = file;
        this.examples = examples;
        this.timed = Math.min(timed, examples.size());
    }

    /** All examples, by a model's own vocabulary. */
    List<Encoding> encode(Tokenizer tokenizer) {
        return tokenizer.encode(examples.stream().map(GlueExample::input).toList());
    }

    /** The timed ones of {@code encodings}, sequences alike in length together. */
    List<TokenBatch> timed(List<Encoding> encodings, int batch, ModelConfig config) {
        List<Encoding> some = IntStream.range(0, timed).mapToObj(i -> encodings.get((int) ((long) i * encodings.size() / timed))).toList();
        return LengthBatches.cut(some, batch, config).batches().stream().map(LengthBatch::tokens).toList();
    }
}
