package io.leanspike.backend.cuda;

import io.leanspike.backend.TokenBatch;
import java.nio.ByteBuffer;

/**
 * A batch's ids, offsets and mask on the device: one buffer, one copy.
 *
 * @param longest tokens of the longest sequence
 */
record BatchInputs(DeviceMemory memory, int rows, int sequences, int longest) {

    static BatchInputs upload(TokenBatch batch, CudaWorkspace workspace) {
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
