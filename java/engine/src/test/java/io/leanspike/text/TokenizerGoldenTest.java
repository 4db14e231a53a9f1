package io.leanspike.text;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import io.leanspike.SharedData;
import io.leanspike.model.Safetensors;
import io.leanspike.model.StoredTensor;
import java.lang.foreign.ValueLayout;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;

class TokenizerGoldenTest {

    @Test
    void allSst2DevSentencesHaveTheIdsTheModelWasCheckedWith() {
        Path model = SharedData.directory("models/sst2-tiny");
        List<GlueExample> examples =
                GlueReader.read(GlueTask.SST_2, GlueTask.SST_2.file(SharedData.directory("data/glue"), "dev"));
        try (Safetensors expected = Safetensors.open(model.resolve("expected-dev.safetensors"));
                Tokenizer tokenizer = Tokenizer.open(model, 128, 30522)) {
            StoredTensor ids = expected.tensor("input_ids");
            int width = Math.toIntExact(ids.shape().get(1));
            assertEquals(List.of((long) examples.size(), (long) width), ids.shape());
            List<Encoding> encodings = tokenizer.encode(examples.stream().map(GlueExample::input).toList());
            for (int i = 0; i < examples.size(); i++) {
                int[] sentence = new int[Math.toIntExact(integer(expected.tensor("length"), i))];
                for (int j = 0; j < sentence.length; j++) {
                    sentence[j] = Math.toIntExact(integer(ids, (long) i * width + j));
                }
                String where = "line " + examples.get(i).line();
                assertArrayEquals(sentence, encodings.get(i).wordIds(), where);
                assertEquals(integer(expected.tensor("labels"), i), examples.get(i).gold(), where);
            }
        }
    }

    private static long integer(StoredTensor tensor, long index) {
        return tensor.data().get(ValueLayout.JAVA_LONG_UNALIGNED, index * Long.BYTES);
    }
}
