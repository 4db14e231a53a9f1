package io.leanspike.train;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The same seed gives the same curve, whatever else the process has in memory. */
class ReproducibleTest {
    private static final int WORDS = 30;

    @TempDir
    private Path folder;

    @Test
    void theSameSeedGivesTheSameCurve() throws Exception {
        RandomEncoder.write(folder.resolve("random"), 32, 4, 2, WORDS, 3);
        SyntheticReviews.write(folder, WORDS, 1000, 100, 4);
        List<ByteBuffer> others = new ArrayList<>();
        String first = curve("out0");
        for (int run = 1; run <= 3; run++) {
            for (int i = 0; i < 500; i++) {
                others.add(ByteBuffer.allocateDirect(1 + (i * 37 + run * 101) % 5000));
            }
            assertEquals(first, curve("out" + run), others.size() + " other buffers");
        }
    }

    private String curve(String out) throws Exception {
        String line = "student --task SST-2 --data DIR --teacher DIR/random --forward rates --epochs 2 --evaluations 1 --learning-rate 1e-3 "
                + "--prune-neurons 0.5 --out DIR/" + out;
        TrainLine.run(folder, line).succeeds();
        return Files.readString(folder.resolve(out).resolve("training/metrics.jsonl"));
    }
}
