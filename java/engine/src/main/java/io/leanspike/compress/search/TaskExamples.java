package io.leanspike.compress.search;

import io.leanspike.text.Encoding;
import io.leanspike.text.GlueExample;
import io.leanspike.text.GlueTask;
import io.leanspike.text.Tokenizer;
import java.nio.ByteBuffer;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.List;

/**
 * Examples of a task, turned into ids once for all candidates.
 *
 * @param encodings in the order of the examples
 */
public record TaskExamples(GlueTask task, List<GlueExample> examples, List<Encoding> encodings) {

    public static TaskExamples of(GlueTask task, List<GlueExample> examples, Tokenizer tokenizer) {
        return new TaskExamples(task, examples, tokenizer.encode(examples.stream().map(GlueExample::input).toList()));
    }

    /** SHA-256 of all ids and labels. */
    public String fingerprint() {
        MessageDigest digest = sha256();
        for (int i = 0; i < examples.size(); i++) {
            Encoding encoding = encodings.get(i);
            ByteBuffer bytes = ByteBuffer.allocate(Double.BYTES + Integer.BYTES * (1 + 2 * encoding.length()));
            bytes.putDouble(examples.get(i).gold()).putInt(encoding.length());
            bytes.asIntBuffer().put(encoding.wordIds()).put(encoding.typeIds());
            digest.update(bytes.rewind());
        }
        return HexFormat.of().formatHex(digest.digest());
    }

    private static MessageDigest sha256() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java has SHA-256", e);
        }
    }
}
