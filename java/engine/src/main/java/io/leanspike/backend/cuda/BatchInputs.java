package io.leanspike.backend.cuda;

import io.leanspike.backend.TokenBatch;
import io.leanspike.model.ModelConfig;
import java.nio.ByteBuffer;

/**
 * A batch's ids, offsets and mask on the device: one buffer, one copy.
 *
 * @param longest tokens of the longest sequence
 */
record BatchInputs(DeviceMemory memory, int rows, int sequences, int longest) {

    /** @throws IllegalArgumentException when an id is outside its table: a kernel that reads there ends the whole context */
    static BatchInputs upload(TokenBatch batch, ModelConfig config, CudaWorkspace workspace) {
        requireIds("word", batch.wordIds(), config.vocabularySize());
        requireIds("position", batch.positionIds(), config.maxPositions());
        requireIds("type", batch.typeIds(), config.tokenTypes());
        int rows = batch.rows();
        int sequences = batch.sequences();
        long bytes = 3L * rows * Integer.BYTES + (sequences + 1L) * Integer.BYTES + rows;
        PinnedMemory host = workspace.pinned("inputs", bytes);
        ByteBuffer buffer = host.buffer();
        for (int[] ids : new int[][] {batch.wordIds(), batch.positionIds(), batch.typeIds(), batch.rowOffsets()}) {
            for (int id : ids) {
                buffer.putInt(id);
            }
        }
        buffer.put(batch.live());
        DeviceMemory memory = workspace.buffer("inputs", bytes);
        workspace.stream().copyToDevice(memory.pointer(), host.pointer(), bytes);
        int longest = 0;
        for (int b = 0; b < sequences; b++) {
            longest = Math.max(longest, batch.length(b));
        }
        return new BatchInputs(memory, rows, sequences, longest);
    }

    private static void requireIds(String table, int[] ids, int rows) {
        for (int row = 0; row < ids.length; row++) {
            if (ids[row] < 0 || ids[row] >= rows) {
                throw new IllegalArgumentException("%s id %d of row %d is outside the model's table of %d rows"
                        .formatted(table, ids[row], row, rows));
            }
        }
    }

    KernelArguments wordIds(KernelArguments arguments) {
        return arguments.pointer(memory, 0);
    }

    KernelArguments positionIds(KernelArguments arguments) {
        return arguments.pointer(memory, 4L * rows);
    }

    KernelArguments typeIds(KernelArguments arguments) {
        return arguments.pointer(memory, 8L * rows);
    }

    KernelArguments rowOffsets(KernelArguments arguments) {
        return arguments.pointer(memory, 12L * rows);
    }

    KernelArguments live(KernelArguments arguments) {
        return arguments.pointer(memory, 12L * rows + 4L * (sequences + 1));
    }
}
