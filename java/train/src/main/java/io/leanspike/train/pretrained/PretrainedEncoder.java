package io.leanspike.train.pretrained;

import io.leanspike.error.InvalidInputException;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * A BERT encoder as it was found: float32 tensors under Hugging Face's names without the prefix {@code bert.}, matrices
 * [outputs, inputs], and the word pieces by id. {@code classifier.weight} and {@code classifier.bias} are there when a head was
 * trained.
 *
 * @param source what it was read from, for messages
 */
public record PretrainedEncoder(String source, EncoderShape shape, Map<String, float[]> tensors, List<String> vocabulary) {

    public PretrainedEncoder {
        tensors = Map.copyOf(tensors);
        vocabulary = List.copyOf(vocabulary);
        if (vocabulary.size() > shape.vocabulary()) {
            throw new InvalidInputException("%s: %d word pieces, but the word embedding has %d rows"
                    .formatted(source, vocabulary.size(), shape.vocabulary()));
        }
    }

    /** The same for sequences of at most {@code count} tokens; itself where it takes no more. */
    public PretrainedEncoder withPositions(int count) {
        if (count >= shape.positions()) {
            return this;
        }
        Map<String, float[]> fewer = new HashMap<>(tensors);
        fewer.computeIfPresent("embeddings.position_embeddings.weight", (name, table) -> Arrays.copyOf(table, count * shape.hidden()));
        return new PretrainedEncoder(source, shape.withPositions(count), fewer, vocabulary);
    }

    /**
     * A tensor of a known size.
     *
     * @throws InvalidInputException when it is missing or of another size
     */
    public float[] tensor(String name, int elements) {
        float[] values = tensors.get(name);
        if (values == null) {
            throw new InvalidInputException("%s: tensor '%s' is missing".formatted(source, name));
        }
        if (values.length != elements) {
            throw new InvalidInputException("%s: tensor '%s' has %d elements, but %d are expected"
                    .formatted(source, name, values.length, elements));
        }
        return values;
    }

    public boolean has(String name) {
        return tensors.containsKey(name);
    }
}
