package io.leanspike.train.data;

import io.leanspike.text.Encoding;
import java.util.Arrays;
import java.util.List;
import java.util.function.IntUnaryOperator;

/** Token sequences to train on, in memory or not, read a batch at a time. */
public interface Texts {

    int count();

    /** Tokens of a text. */
    int length(int index);

    Encoding encoding(int index);

    /** Encodings of a batch. */
    default List<Encoding> select(int[] batch) {
        return Arrays.stream(batch).mapToObj(this::encoding).toList();
    }

    /** The first {@code most} texts, or all where there are fewer. */
    default Texts first(int most) {
        return most >= count() ? this : new Part(this, most, index -> index);
    }

    static Texts of(List<Encoding> encodings) {
        return new InMemory(encodings);
    }

    /** @param encodings one a text */
    record InMemory(List<Encoding> encodings) implements Texts {
        @Override
        public int count() {
            return encodings.size();
        }

        @Override
        public int length(int index) {
            return encodings.get(index).length();
        }

        @Override
        public Encoding encoding(int index) {
            return encodings.get(index);
        }
    }

    /**
     * Some of other texts.
     *
     * @param place from an index here to one of {@code whole}
     */
    record Part(Texts whole, int count, IntUnaryOperator place) implements Texts {
        @Override
        public int length(int index) {
            return whole.length(place.applyAsInt(index));
        }

        @Override
        public Encoding encoding(int index) {
            return whole.encoding(place.applyAsInt(index));
        }
    }
}
