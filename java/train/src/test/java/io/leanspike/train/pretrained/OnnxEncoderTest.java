package io.leanspike.train.pretrained;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import io.leanspike.error.InvalidInputException;
import io.leanspike.text.Encoding;
import io.leanspike.text.TextInput;
import io.leanspike.text.Tokenizer;
import io.leanspike.train.nn.BertForward;
import io.leanspike.train.nn.EncoderParameters;
import io.leanspike.train.nn.TokenTensors;
import io.leanspike.train.nn.Torch;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class OnnxEncoderTest {
    @Test
    void miniLmHasItsPublishedShape() {
        PretrainedEncoder encoder = PretrainedSource.read("minilm");
        assertEquals(new EncoderShape(30_522, 384, 12, 1536, 6, 512, 2, 1e-12f), encoder.shape());
        assertEquals("[CLS]", encoder.vocabulary().get(101));
        // Published: 22.7 M parameters, of which the unused pooler has 384 * 385.
        long parameters = encoder.tensors().values().stream().mapToLong(values -> values.length).sum();
        assertEquals(22_713_216 - 384 * 385, parameters);
    }

    /** all-MiniLM-L6-v2 is a sentence encoder: the mean of its last hidden states puts paraphrases close together. */
    @Test
    void paraphrasesAreNearerThanStrangers(@TempDir Path folder) throws Exception {
        PretrainedEncoder encoder = PretrainedSource.read("minilm");
        Files.write(folder.resolve("vocab.txt"), encoder.vocabulary());
        List<TextInput> texts = List.of(TextInput.of("A man is eating food."), TextInput.of("A man is eating a piece of bread."),
                TextInput.of("The stock market fell sharply on Monday."));
        try (Tokenizer tokenizer = Tokenizer.open(folder, 128, encoder.shape().vocabulary()); NDManager manager = Torch.manager()) {
            EncoderParameters parameters = new EncoderParameters(manager, encoder, IntStream.range(0, 6).boxed().toList(), 2, 1).freeze();
            float[][] means = new float[texts.size()][];
            for (int i = 0; i < texts.size(); i++) {
                List<Encoding> encodings = tokenizer.encode(List.of(texts.get(i)));
                TokenTensors batch = TokenTensors.of(manager, encodings);
                NDArray last = BertForward.frozen(parameters).run(batch, parameters.words().rows(batch.distinct())).hidden().getLast();
                means[i] = last.mean(new int[] {1}).toFloatArray();
            }
            // sentence-transformers documents 0.7553 for the first pair.
            assertEquals(0.7553, cosine(means[0], means[1]), 1e-3);
            assertTrue(cosine(means[0], means[2]) < 0.2);
        }
    }

    private static double cosine(float[] a, float[] b) {
        double ab = 0;
        double aa = 0;
        double bb = 0;
        for (int i = 0; i < a.length; i++) {
            ab += a[i] * b[i];
            aa += a[i] * a[i];
            bb += b[i] * b[i];
        }
        return ab / Math.sqrt(aa * bb);
    }

    @Test
    void whatIsNoOnnxModelIsRefused() {
        byte[] noise = "not an onnx model".getBytes();
        InvalidInputException refused = assertThrows(InvalidInputException.class,
                () -> OnnxEncoder.read("noise.onnx", ByteBuffer.wrap(noise), List.of()));
        assertTrue(refused.getMessage().startsWith("noise.onnx: "), refused.getMessage());
    }

    @Test
    void unknownSourceNamesWhatThereIs() {
        InvalidInputException refused = assertThrows(InvalidInputException.class, () -> PretrainedSource.read("no-such-model"));
        assertTrue(refused.getMessage().contains("minilm"), refused.getMessage());
    }
}
