package io.leanspike.train.nn;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import ai.djl.training.GradientCollector;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;

class TorchTest {
    private static final int FACTORS = 200;

    /** A garbage collection between forward and backward pass, and other uses of the memory it frees, leave gradients as they were. */
    @Test
    void factorsLastUntilTheBackwardPass() throws Exception {
        try (NDManager manager = Torch.manager()) {
            NDArray x = manager.create(new float[] {1, 2, 3}, new Shape(3));
            x.setRequiresGradient(true);
            try (GradientCollector gradients = Torch.engine().newGradientCollector()) {
                NDArray sum = manager.create(0f);
                for (int i = 0; i < FACTORS; i++) {
                    sum = sum.add(Torch.times(x, 0.5).sum());
                }
                System.gc();
                Thread.sleep(200);
                List<ByteBuffer> others = new ArrayList<>();
                for (int i = 0; i < 10_000; i++) {
                    others.add(ByteBuffer.allocateDirect(Float.BYTES).putInt(0, 0x7f7f7f7f));
                }
                gradients.backward(sum);
                assertEquals(10_000, others.size());
            }
            float[] expected = new float[3];
            Arrays.fill(expected, FACTORS * 0.5f);
            assertArrayEquals(expected, x.getGradient().toFloatArray());
        }
    }
}
