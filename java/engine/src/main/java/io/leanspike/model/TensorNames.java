package io.leanspike.model;

/**
 * The names that Hugging Face's BertForSequenceClassification gives its tensors.
 *
 * @param prefix what stands before the encoder's names: {@code "bert."}, or empty for a checkpoint saved from the bare encoder
 */
public record TensorNames(String prefix) {

    /** The names as the file has them: with {@code bert.} unless the file has the word embeddings without it only. */
    public static TensorNames of(Safetensors file) {
        TensorNames bare = new TensorNames("");
        TensorNames full = new TensorNames("bert.");
        boolean isBare = file.find(bare.wordEmbeddings()).isPresent() && file.find(full.wordEmbeddings()).isEmpty();
        return isBare ? bare : full;
    }

    public String wordEmbeddings() {
        return prefix + "embeddings.word_embeddings.weight";
    }

    public String positionEmbeddings() {
        return prefix + "embeddings.position_embeddings.weight";
    }

    public String tokenTypeEmbeddings() {
        return prefix + "embeddings.token_type_embeddings.weight";
    }

    /** The module whose {@code .weight} and {@code .bias} are the LayerNorm of the embeddings. */
    public String embeddingNorm() {
        return prefix + "embeddings.LayerNorm";
    }

    /** A module of an encoder layer, such as {@code attention.self.query}; its tensors are {@code .weight} and {@code .bias}. */
    public String layer(int layer, String module) {
        return prefix + "encoder.layer." + layer + "." + module;
    }

    /** The module of the classifier; it never has the prefix. */
    public String classifier() {
        return "classifier";
    }

    /** The float32 scales, one a row, that accompany an 8-bit tensor. */
    public static String scales(String tensor) {
        return tensor + "_scale";
    }
}
