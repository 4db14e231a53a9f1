package io.leanspike.text;

import io.leanspike.backend.TokenBatch;
import io.leanspike.error.InvalidInputException;
import io.leanspike.model.ModelConfig;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import java.util.function.Function;
import java.util.stream.IntStream;

/**
 * Encodings cut into batches of sequences alike in length: the longest first, so that the first batch needs the most memory;
 * equal lengths keep their order. Batches are ragged, without padding.
 *
 * @param batches every input is in one of them
 * @param inputs number of encodings that were cut
 */
public record LengthBatches(List<LengthBatch> batches, int inputs) {

    public LengthBatches {
        batches = List.copyOf(batches);
    }

    /**
     * Cuts encodings into batches of {@code batchSize} sequences; the last may be smaller.
     *
     * @throws InvalidInputException when an encoding does not fit the model: its length, a word id or a type id
     * @throws IllegalArgumentException when the batch size is below 1
     */
    public static LengthBatches cut(List<Encoding> encodings, int batchSize, ModelConfig model) {
        if (batchSize < 1) {
            throw new IllegalArgumentException("a batch size of " + batchSize);
        }
        for (int i = 0; i < encodings.size(); i++) {
            requireFit(i, encodings.get(i), model);
        }
        int[] order = IntStream.range(0, encodings.size()).boxed()
                .sorted(Comparator.comparingInt((Integer i) -> encodings.get(i).length()).reversed())
                .mapToInt(Integer::intValue).toArray();
        List<LengthBatch> batches = new ArrayList<>();
        for (int from = 0; from < order.length; from += batchSize) {
            int[] inputs = Arrays.copyOfRange(order, from, Math.min(from + batchSize, order.length));
            batches.add(new LengthBatch(inputs, tokens(Arrays.stream(inputs).mapToObj(encodings::get).toList())));
        }
        return new LengthBatches(batches, order.length);
    }

    /** Runs every batch and puts the results, one a sequence, into the order of the inputs. */
    public <T> List<T> map(Function<TokenBatch, List<T>> run) {
        return inInputOrder(batches.stream().map(batch -> run.apply(batch.tokens())).toList());
    }

    /**
     * Puts results into the order of the inputs.
     *
     * @param results for each batch, one result a sequence
     * @throws IllegalArgumentException when the results do not fit the batches
     */
    public <T> List<T> inInputOrder(List<? extends List<T>> results) {
        if (results.size() != batches.size()) {
            throw new IllegalArgumentException("results of %d batches for %d batches".formatted(results.size(), batches.size()));
        }
        List<T> ordered = new ArrayList<>(Collections.nCopies(inputs, null));
        for (int b = 0; b < batches.size(); b++) {
            int[] indices = batches.get(b).inputs();
            if (results.get(b).size() != indices.length) {
                throw new IllegalArgumentException("batch %d has %d sequences, but %d results"
                        .formatted(b, indices.length, results.get(b).size()));
            }
            for (int i = 0; i < indices.length; i++) {
                ordered.set(indices[i], results.get(b).get(i));
            }
        }
        return ordered;
    }

    private static TokenBatch tokens(List<Encoding> encodings) {
        int[] rowOffsets = new int[encodings.size() + 1];
        for (int b = 0; b < encodings.size(); b++) {
            rowOffsets[b + 1] = Math.addExact(rowOffsets[b], encodings.get(b).length());
        }
        int rows = rowOffsets[encodings.size()];
        int[] wordIds = new int[rows];
        int[] positionIds = new int[rows];
        int[] typeIds = new int[rows];
        byte[] live = new byte[rows];
        Arrays.fill(live, (byte) 1);
        for (int b = 0; b < encodings.size(); b++) {
            Encoding encoding = encodings.get(b);
            System.arraycopy(encoding.wordIds(), 0, wordIds, rowOffsets[b], encoding.length());
            System.arraycopy(encoding.typeIds(), 0, typeIds, rowOffsets[b], encoding.length());
            for (int position = 0; position < encoding.length(); position++) {
                positionIds[rowOffsets[b] + position] = position;
            }
        }
        return new TokenBatch(wordIds, positionIds, typeIds, live, rowOffsets);
    }

    private static void requireFit(int input, Encoding encoding, ModelConfig model) {
        if (encoding.length() == 0 || encoding.length() > model.maxPositions()) {
            throw new InvalidInputException("input %d has %d tokens, but the model takes 1 to %d"
                    .formatted(input, encoding.length(), model.maxPositions()));
        }
        for (int i = 0; i < encoding.length(); i++) {
            requireId(input, i, "word", encoding.wordIds()[i], model.vocabularySize());
            requireId(input, i, "type", encoding.typeIds()[i], model.tokenTypes());
        }
    }

    private static void requireId(int input, int token, String kind, int id, int rows) {
        if (id < 0 || id >= rows) {
            throw new InvalidInputException("input %d, token %d: %s id %d is outside the model's table of %d rows"
                    .formatted(input, token, kind, id, rows));
        }
    }
}
