package io.leanspike.cli;

import io.leanspike.eval.ForwardRecording;
import io.leanspike.model.StoredTensor;
import io.leanspike.schedule.Mode;
import io.leanspike.tensor.ElementType;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** A recorded forward pass as the tensors of a safetensors file. */
final class RecordingTensors {
    private static final ValueLayout.OfDouble F64 = ValueLayout.JAVA_DOUBLE_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

    private RecordingTensors() {}

    static List<StoredTensor> of(ForwardRecording recording, Mode mode) {
        long sequences = recording.inputs().sequences();
        long length = recording.inputs().length();
        long labels = recording.logits()[0].length;
        String prefix = mode == Mode.SPIKING ? "counts." : "rates.";
        List<StoredTensor> tensors = new ArrayList<>();
        double[] logits = Arrays.stream(recording.logits()).flatMapToDouble(Arrays::stream).toArray();
        tensors.add(new StoredTensor("logits", ElementType.F64, List.of(sequences, labels), bytes(logits)));
        recording.counts().forEach((population, counts) -> tensors.add(new StoredTensor(prefix + population, ElementType.F64,
                List.of(sequences, length, (long) counts.width()), bytes(counts.values()))));
        recording.spikes().forEach((population, spikes) -> tensors.add(new StoredTensor("spikes." + population, ElementType.U8,
                List.of((long) spikes.timesteps(), sequences, length, (long) spikes.width()), MemorySegment.ofArray(spikes.values()))));
        return tensors;
    }

    private static MemorySegment bytes(double[] values) {
        MemorySegment bytes = MemorySegment.ofArray(new byte[Math.multiplyExact(values.length, Double.BYTES)]);
        for (int i = 0; i < values.length; i++) {
            bytes.set(F64, (long) i * Double.BYTES, values[i]);
        }
        return bytes;
    }
}
