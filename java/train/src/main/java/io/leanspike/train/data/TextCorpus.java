package io.leanspike.train.data;

import io.leanspike.error.FileFailure;
import io.leanspike.error.InvalidInputException;
import io.leanspike.text.Encoding;
import io.leanspike.text.TextInput;
import io.leanspike.text.Tokenizer;
import java.io.BufferedOutputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.Consumer;

/**
 * Texts of any number as token ids in a file that is mapped, not read into memory: the heap holds 8 bytes a text. The file is a cache
 * for one training and goes when the corpus is closed.
 */
public final class TextCorpus implements Texts, AutoCloseable {
    private static final int TEXTS_AT_A_TIME = 4096;
    /** Set in a token that belongs to the second text of a pair. */
    private static final int SECOND = 1 << 30;
    private static final ValueLayout.OfInt TOKEN = ValueLayout.JAVA_INT_UNALIGNED.withOrder(ByteOrder.BIG_ENDIAN);
    private static final int HELD_OUT = 1000;
    private static final int LEAST_STRIDE = 20;

    private final Path file;
    private final Arena arena = Arena.ofShared();
    private final MemorySegment tokens;
    /** Where each text starts, in tokens, and where the last one ends. */
    private final long[] starts;

    private TextCorpus(Path file, long[] starts) throws IOException {
        this.file = file;
        this.starts = starts;
        try (FileChannel channel = FileChannel.open(file)) {
            tokens = channel.map(FileChannel.MapMode.READ_ONLY, 0, channel.size(), arena);
        }
    }

    /**
     * Tokenizes texts into a file.
     *
     * @param source hands over one text after the other
     * @param file is replaced
     * @throws InvalidInputException when there are fewer than two texts, or the file cannot be written, as on a full disk
     */
    public static TextCorpus of(Consumer<Consumer<TextInput>> source, Tokenizer tokenizer, Path file) {
        try {
            Files.createDirectories(file.toAbsolutePath().getParent());
            long[] starts;
            try (Writer writer = new Writer(tokenizer, file)) {
                source.accept(writer);
                starts = writer.end();
            }
            if (starts.length < 3) {
                throw new InvalidInputException(
                        "at least two texts are needed, one to train on and one to score, not " + (starts.length - 1));
            }
            return new TextCorpus(file, starts);
        } catch (IOException e) {
            throw new InvalidInputException("%s cannot be written: %s".formatted(file, FileFailure.words(e)), e);
        }
    }

    /** Buffers texts, and writes them as tokens when they are many enough. */
    private static final class Writer implements Consumer<TextInput>, AutoCloseable {
        private final Tokenizer tokenizer;
        private final Path file;
        private final DataOutputStream out;
        private final List<TextInput> waiting = new ArrayList<>();
        private long[] starts = new long[TEXTS_AT_A_TIME];
        private int texts;

        Writer(Tokenizer tokenizer, Path file) throws IOException {
            this.tokenizer = tokenizer;
            this.file = file;
            out = new DataOutputStream(new BufferedOutputStream(Files.newOutputStream(file), 1 << 16));
        }

        @Override
        public void accept(TextInput text) {
            waiting.add(text);
            if (waiting.size() == TEXTS_AT_A_TIME) {
                write();
            }
        }

        private void write() {
            if (texts + waiting.size() + 1 > starts.length) {
                starts = Arrays.copyOf(starts, Math.max(Math.multiplyExact(starts.length, 2), texts + waiting.size() + 1));
            }
            try {
                for (Encoding encoding : tokenizer.encode(waiting)) {
                    for (int i = 0; i < encoding.length(); i++) {
                        out.writeInt(encoding.wordIds()[i] | (encoding.typeIds()[i] == 0 ? 0 : SECOND));
                    }
                    starts[texts + 1] = starts[texts] + encoding.length();
                    texts++;
                }
            } catch (IOException e) {
                throw new InvalidInputException("%s cannot be written: %s".formatted(file, FileFailure.words(e)), e);
            }
            waiting.clear();
        }

        long[] end() {
            write();
            return Arrays.copyOf(starts, texts + 1);
        }

        @Override
        public void close() throws IOException {
            out.close();
        }
    }

    @Override
    public int count() {
        return starts.length - 1;
    }

    public long tokens() {
        return starts[count()];
    }

    @Override
    public int length(int index) {
        return (int) (starts[index + 1] - starts[index]);
    }

    @Override
    public Encoding encoding(int index) {
        int[] words = new int[length(index)];
        int[] types = new int[words.length];
        for (int i = 0; i < words.length; i++) {
            int token = tokens.getAtIndex(TOKEN, starts[index] + i);
            words[i] = token & ~SECOND;
            types[i] = (token & SECOND) == 0 ? 0 : 1;
        }
        return new Encoding(words, types, false);
    }

    /** Texts that are not trained on: every twentieth, or as many fewer as leave about {@value #HELD_OUT}. */
    public Texts heldOut() {
        int stride = stride();
        return new Part(this, (count() + stride - 1) / stride, index -> index * stride);
    }

    /** All others. */
    public Texts training() {
        int stride = stride();
        return new Part(this, count() - heldOut().count(), index -> index + index / (stride - 1) + 1);
    }

    private int stride() {
        return Math.clamp(count(), 2, Math.max(LEAST_STRIDE, count() / HELD_OUT));
    }

    @Override
    public void close() {
        arena.close();
        try {
            Files.deleteIfExists(file);
        } catch (IOException e) {
            throw new InvalidInputException("%s cannot be deleted: %s".formatted(file, FileFailure.words(e)), e);
        }
    }
}
