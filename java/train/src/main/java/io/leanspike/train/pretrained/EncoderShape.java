package io.leanspike.train.pretrained;

/**
 * Sizes of a BERT encoder.
 *
 * @param positions longest sequence, in tokens
 * @param types segments
 */
public record EncoderShape(
        int vocabulary, int hidden, int heads, int intermediate, int layers, int positions, int types, float normEps) {

    /** @throws IllegalArgumentException when a size is below 1 or the heads do not divide the width */
    public EncoderShape {
        if (vocabulary < 1 || hidden < 1 || heads < 1 || intermediate < 1 || layers < 1 || positions < 1 || types < 1) {
            throw new IllegalArgumentException(
                    "an encoder of %d words, width %d, %d heads, %d intermediate, %d layers, %d positions, %d types"
                    .formatted(vocabulary, hidden, heads, intermediate, layers, positions, types));
        }
        if (hidden % heads != 0) {
            throw new IllegalArgumentException("%d heads do not divide the width %d".formatted(heads, hidden));
        }
    }

    /** d_h, the width of one attention head. */
    public int headSize() {
        return hidden / heads;
    }

    public EncoderShape withLayers(int count) {
        return new EncoderShape(vocabulary, hidden, heads, intermediate, count, positions, types, normEps);
    }

    public EncoderShape withPositions(int count) {
        return new EncoderShape(vocabulary, hidden, heads, intermediate, layers, count, types, normEps);
    }

    public EncoderShape withVocabulary(int words) {
        return new EncoderShape(words, hidden, heads, intermediate, layers, positions, types, normEps);
    }
}
