package io.leanspike.train.nn;

import ai.djl.ndarray.NDArray;
import io.leanspike.model.StoredTensor;
import io.leanspike.tensor.ElementType;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.Function;
import java.util.stream.LongStream;

/** An encoder's parameters under the names and in the shapes of Hugging Face's BertForSequenceClassification. */
public final class HuggingFaceTensors {
    private static final String PREFIX = "bert.";
    private static final List<String> PROJECTIONS = List.of("query", "key", "value");

    private HuggingFaceTensors() {}

    /** @param form what is written for a parameter: its value, or its quantised value */
    public static List<StoredTensor> of(EncoderParameters parameters, Function<Parameter, NDArray> form, float[] words) {
        List<StoredTensor> tensors = new ArrayList<>();
        long hidden = parameters.shape().hidden();
        tensors.add(stored(PREFIX + "embeddings.word_embeddings.weight", words, words.length / hidden, hidden));
        for (Parameter parameter : parameters.parameters()) {
            float[] values = form.apply(parameter).toFloatArray();
            long[] shape = parameter.value().getShape().getShape().clone();
            if (parameter.name().contains(".projection.")) {
                shape[0] /= PROJECTIONS.size();
                int size = values.length / PROJECTIONS.size();
                for (int i = 0; i < PROJECTIONS.size(); i++) {
                    String name = parameter.name().replace(".projection.", "." + PROJECTIONS.get(i) + ".");
                    tensors.add(stored(PREFIX + name, Arrays.copyOfRange(values, i * size, (i + 1) * size), shape));
                }
            } else {
                boolean isHead = parameter.name().startsWith("classifier.");
                tensors.add(stored(isHead ? parameter.name() : PREFIX + parameter.name(), values, shape));
            }
        }
        return tensors;
    }

    private static StoredTensor stored(String name, float[] values, long... shape) {
        ByteBuffer bytes = ByteBuffer.allocate(values.length * Float.BYTES).order(ByteOrder.LITTLE_ENDIAN);
        bytes.asFloatBuffer().put(values);
        return new StoredTensor(name, ElementType.F32, LongStream.of(shape).boxed().toList(), MemorySegment.ofBuffer(bytes));
    }
}
