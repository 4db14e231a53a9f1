package io.leanspike.text;

import ai.djl.huggingface.tokenizers.HuggingFaceTokenizer;
import ai.djl.huggingface.tokenizers.jni.TokenizersLibrary;
import io.leanspike.error.InvalidInputException;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.lang.ref.Reference;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.locks.ReadWriteLock;
import java.util.concurrent.locks.ReentrantReadWriteLock;
import java.util.stream.IntStream;

/**
 * BERT WordPiece tokenizer of one model. Reads the model's tokenizer.json or, where there is none, its vocab.txt as BERT uncased:
 * lower case, accents stripped, control characters dropped, Chinese characters apart, {@code [CLS] a [SEP] b [SEP]} with type
 * ids 0 and 1. Special tokens written out in a text ("[SEP]") become these tokens, as in Hugging Face's tokenizers.
 *
 * <p>Thread-safe. Opens no network connection.
 */
public final class Tokenizer implements AutoCloseable {
    /** [CLS] a [SEP] b [SEP] without a and b. */
    private static final int FRAME = 3;
    /** Encodings that live in native memory at a time. */
    private static final int CHUNK = 1024;
    private static final TokenizersLibrary NATIVE = TokenizersLibrary.LIB;

    private final HuggingFaceTokenizer tokenizer;
    /** Encoding reads, closing writes: the native tokenizer is never freed while it encodes. */
    private final ReadWriteLock open = new ReentrantReadWriteLock();

    private Tokenizer(HuggingFaceTokenizer tokenizer) {
        this.tokenizer = tokenizer;
    }

    /**
     * Opens the tokenizer in a model's folder.
     *
     * @param maxPositions tokens that the model takes, special tokens included; longer inputs are truncated
     * @param vocabularySize rows of the model's word embedding table
     * @throws InvalidInputException when the folder has no tokenizer, or it is broken or does not fit the model
     * @throws IllegalStateException when the native tokenizer library cannot be loaded on this machine
     */
    public static Tokenizer open(Path modelDirectory, int maxPositions, int vocabularySize) {
        if (maxPositions < FRAME) {
            throw new InvalidInputException("%s: the model takes %d positions, but %d special tokens need room"
                    .formatted(modelDirectory, maxPositions, FRAME));
        }
        WordPiece words = WordPiece.read(modelDirectory, vocabularySize);
        NativeTokenizers.load();
        String length = Integer.toString(maxPositions);
        Map<String, String> options = Map.of("truncation", "longest_first", "padding", "false", "stride", "0",
                "maxLength", length, "modelMaxLength", length);
        try (InputStream json = new ByteArrayInputStream(TokenizerJson.of(words).getBytes(StandardCharsets.UTF_8))) {
            return new Tokenizer(HuggingFaceTokenizer.newInstance(json, options));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (RuntimeException e) {
            throw new InvalidInputException("%s: is not a usable tokenizer: %s".formatted(words.file(), e.getMessage()), e);
        }
    }

    /**
     * Encodes texts, in their order. Truncation takes from the longer of two texts first, as Hugging Face's
     * {@code longest_first}. An unpaired surrogate counts as U+FFFD, which BERT drops.
     *
     * @throws IllegalStateException when the tokenizer is closed
     */
    public List<Encoding> encode(List<TextInput> inputs) {
        Encoding[] encodings = new Encoding[inputs.size()];
        int[] singles = IntStream.range(0, inputs.size()).filter(i -> inputs.get(i).pair().isEmpty()).toArray();
        int[] pairs = IntStream.range(0, inputs.size()).filter(i -> inputs.get(i).pair().isPresent()).toArray();
        for (int from = 0; from < singles.length; from += CHUNK) {
            encode(inputs, Arrays.copyOfRange(singles, from, Math.min(from + CHUNK, singles.length)), false, encodings);
        }
        for (int from = 0; from < pairs.length; from += CHUNK) {
            encode(inputs, Arrays.copyOfRange(pairs, from, Math.min(from + CHUNK, pairs.length)), true, encodings);
        }
        return List.of(encodings);
    }

    private void encode(List<TextInput> inputs, int[] chosen, boolean paired, Encoding[] encodings) {
        String[] texts = Arrays.stream(chosen).mapToObj(i -> wellFormed(inputs.get(i).text())).toArray(String[]::new);
        String[] seconds = paired
                ? Arrays.stream(chosen).mapToObj(i -> wellFormed(inputs.get(i).pair().orElseThrow())).toArray(String[]::new)
                : new String[0];
        open.readLock().lock();
        try {
            if (tokenizer.isReleased()) {
                throw new IllegalStateException("the tokenizer is closed");
            }
            long handle = tokenizer.getHandle();
            long[] handles = paired
                    ? NATIVE.batchEncodePair(handle, texts, seconds, true)
                    : NATIVE.batchEncode(handle, texts, true);
            for (int i = 0; i < handles.length; i++) {
                encodings[chosen[i]] = take(handles[i]);
            }
        } finally {
            Reference.reachabilityFence(tokenizer);
            open.readLock().unlock();
        }
    }

    /** Copies what the engine needs, which is a third of what DJL's own encoding copies, and frees the native encoding. */
    private static Encoding take(long handle) {
        try {
            return new Encoding(ints(NATIVE.getTokenIds(handle)), ints(NATIVE.getTypeIds(handle)),
                    NATIVE.getOverflowCount(handle) > 0);
        } finally {
            NATIVE.deleteEncoding(handle);
        }
    }

    private static int[] ints(long[] values) {
        int[] ints = new int[values.length];
        for (int i = 0; i < ints.length; i++) {
            ints[i] = Math.toIntExact(values[i]);
        }
        return ints;
    }

    /** JNI passes unpaired surrogates on as broken UTF-8. */
    private static String wellFormed(String text) {
        StringBuilder repaired = null;
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (!Character.isSurrogate(c)) {
                continue;
            }
            if (Character.isHighSurrogate(c) && i + 1 < text.length() && Character.isLowSurrogate(text.charAt(i + 1))) {
                i++;
                continue;
            }
            if (repaired == null) {
                repaired = new StringBuilder(text);
            }
            repaired.setCharAt(i, '\uFFFD');
        }
        return repaired == null ? text : repaired.toString();
    }

    /** Frees the native tokenizer once running calls of {@link #encode} have ended. Closing again does nothing. */
    @Override
    public void close() {
        open.writeLock().lock();
        try {
            tokenizer.close();
        } finally {
            open.writeLock().unlock();
        }
    }
}
