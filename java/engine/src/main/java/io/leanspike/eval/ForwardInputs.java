package io.leanspike.eval;

import io.leanspike.backend.TokenBatch;
import io.leanspike.error.InvalidInputException;
import io.leanspike.model.ModelConfig;
import io.leanspike.model.Safetensors;
import io.leanspike.model.StoredTensor;
import io.leanspike.tensor.ElementType;
import java.lang.foreign.ValueLayout;
import java.nio.file.Path;
import java.util.List;

/**
 * A rectangular batch of token ids from a safetensors file: {@code input_ids}, {@code token_type_ids} and {@code attention_mask}, each
 * I64 [sequences, length]. Padding positions are computed like all others; as keys the mask leaves them out.
 */
public record ForwardInputs(TokenBatch batch, int sequences, int length) {

    /** @throws InvalidInputException naming file and tensor when something is missing, misshapen or out of the model's range */
    public static ForwardInputs read(Path file, ModelConfig config) {
        try (Safetensors tensors = Safetensors.open(file)) {
            StoredTensor ids = tensors.tensor("input_ids");
            if (ids.shape().size() != 2 || ids.shape().contains(0L)) {
                throw new InvalidInputException("%s: tensor input_ids has shape %s, but [sequences, length] is needed"
                        .formatted(file, ids.shape()));
            }
            List<Long> shape = ids.shape();
            int sequences = Math.toIntExact(shape.get(0));
            int length = Math.toIntExact(shape.get(1));
            if (length > config.maxPositions()) {
                throw new InvalidInputException("%s: tensor input_ids has sequences of %d tokens, but the model reads at most %d"
                        .formatted(file, length, config.maxPositions()));
            }
            int[] words = values(file, ids, shape, config.vocabularySize());
            int[] types = values(file, tensors.tensor("token_type_ids"), shape, config.tokenTypes());
            int[] mask = values(file, tensors.tensor("attention_mask"), shape, 2);
            int[] positions = new int[words.length];
            byte[] live = new byte[words.length];
            for (int i = 0; i < words.length; i++) {
                positions[i] = i % length;
                live[i] = (byte) mask[i];
            }
            int[] offsets = new int[sequences + 1];
            for (int b = 0; b <= sequences; b++) {
                offsets[b] = b * length;
            }
            return new ForwardInputs(new TokenBatch(words, positions, types, live, offsets), sequences, length);
        }
    }

    private static int[] values(Path file, StoredTensor tensor, List<Long> shape, int bound) {
        if (tensor.type() != ElementType.I64 || !tensor.shape().equals(shape)) {
            throw new InvalidInputException("%s: tensor %s is %s %s, but I64 %s is needed"
                    .formatted(file, tensor.name(), tensor.type(), tensor.shape(), shape));
        }
        int[] values = new int[Math.toIntExact(tensor.data().byteSize() / Long.BYTES)];
        for (int i = 0; i < values.length; i++) {
            long value = tensor.data().get(ValueLayout.JAVA_LONG_UNALIGNED, (long) i * Long.BYTES);
            if (value < 0 || value >= bound) {
                throw new InvalidInputException("%s: tensor %s holds %d at index %d, but the model's range is 0 to %d"
                        .formatted(file, tensor.name(), value, i, bound - 1));
            }
            values[i] = (int) value;
        }
        return values;
    }
}
