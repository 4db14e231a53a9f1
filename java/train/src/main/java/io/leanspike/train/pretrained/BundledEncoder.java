package io.leanspike.train.pretrained;

import io.leanspike.error.InvalidInputException;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Optional;

/**
 * Pretrained encoders that are on Maven Central inside jars (the langchain4j embedding models; Apache-2.0 and MIT), found on the
 * class path.
 */
enum BundledEncoder {
    /** sentence-transformers/all-MiniLM-L6-v2: 6 layers, width 384. */
    MINILM("minilm", "/all-minilm-l6-v2.onnx", "/all-minilm-l6-v2-tokenizer.json"),
    /** BAAI/bge-small-en-v1.5: 12 layers, width 384. */
    BGE_SMALL("bge-small", "/bge-small-en-v1.5.onnx", "/bge-small-en-v1.5-tokenizer.json"),
    /** intfloat/e5-small-v2: 12 layers, width 384. */
    E5_SMALL("e5-small", "/e5-small-v2.onnx", "/e5-small-v2-tokenizer.json");

    private final String text;
    private final String model;
    private final String tokenizer;

    BundledEncoder(String text, String model, String tokenizer) {
        this.text = text;
        this.model = model;
        this.tokenizer = tokenizer;
    }

    static Optional<BundledEncoder> find(String name) {
        return Arrays.stream(values()).filter(encoder -> encoder.text.equals(name)).findFirst();
    }

    PretrainedEncoder read() {
        String vocabulary = new String(bytes(tokenizer), StandardCharsets.UTF_8);
        return OnnxEncoder.read(text, ByteBuffer.wrap(bytes(model)), Vocabulary.ofJson(text, vocabulary));
    }

    private byte[] bytes(String resource) {
        try (InputStream in = BundledEncoder.class.getResourceAsStream(resource)) {
            if (in == null) {
                throw new InvalidInputException("%s: %s is not on the class path; build java/train again".formatted(text, resource));
            }
            return in.readAllBytes();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public String toString() {
        return text;
    }
}
