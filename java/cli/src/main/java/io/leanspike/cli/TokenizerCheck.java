package io.leanspike.cli;

import io.leanspike.model.Checkpoint;
import io.leanspike.model.ModelConfig;
import io.leanspike.text.TextInput;
import io.leanspike.text.Tokenizer;
import java.util.List;

/** The tokenizer's native library, which unpacks itself into a cache folder. */
final class TokenizerCheck {
    private static final String SUBJECT = "tokenizer";

    private TokenizerCheck() {}

    static Diagnosis run() {
        try (BundledFiles bundled = new BundledFiles(); Checkpoint checkpoint = Checkpoint.open(bundled.model())) {
            ModelConfig config = checkpoint.config();
            try (Tokenizer tokenizer = Tokenizer.open(bundled.model(), config.maxPositions(), config.vocabularySize())) {
                int tokens = tokenizer.encode(List.of(TextInput.of("a warm and funny film"))).getFirst().length();
                return Diagnosis.ok(SUBJECT, "native library loaded, a sentence is %d tokens".formatted(tokens));
            }
        } catch (RuntimeException | LinkageError e) {
            return Diagnosis.of(Diagnosis.Verdict.FAILS, SUBJECT, e.getMessage(),
                    "its library is unpacked on first use: name a writable folder with DJL_CACHE_DIR=DIR");
        }
    }
}
