package io.leanspike.cli;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PruneCommandTest {
    @TempDir
    Path folder;

    @Test
    void aPrunedModelIsDescribedAndRuns() throws Exception {
        Path model = BrokenModel.copy(folder.resolve("model")).folder();
        for (String criterion : new String[] {"magnitude", "activity", "variance", "pca"}) {
            Path out = folder.resolve(criterion);
            List<Object> line = new ArrayList<>(List.of("compress", "prune", "--model", model, "--out", out, "--heads", 0.5,
                    "--neurons", 0.25, "--criterion", criterion));
            if (!criterion.equals("magnitude")) {
                line.addAll(List.of("--limit", 8));
            }
            String said = Invocation.of(line.toArray()).fine().out();
            assertTrue(said.contains("layer 0: 1 of 2 heads, 64 of 128 key and 64 of 128 value columns, 384 of 512 neurons"), said);
            assertTrue(Files.size(out.resolve("model.safetensors")) < Files.size(model.resolve("model.safetensors")));
            Invocation.of("eval", "--model", out, "--limit", 4).fine();
        }
    }

    @Test
    void mistakesAreNamedAndNothingIsWritten() {
        Path model = BrokenModel.copy(folder.resolve("model")).folder();
        Path out = folder.resolve("out");
        Invocation.of("compress", "prune", "--model", model, "--out", out).refused("nothing to do");
        Invocation.of("compress", "prune", "--model", model, "--out", out, "--heads", 1).refused("from 0 to below 1");
        Invocation.of("compress", "prune", "--model", model, "--out", out, "--heads", 0.5, "--criterion", "luck")
                .refused("'luck'", "magnitude");
        Invocation.of("compress", "prune", "--model", model, "--out", out, "--heads", 0.5, "--allocation", "fair")
                .refused("'fair'", "global");
        Invocation.of("compress", "prune", "--model", model, "--out", out, "--heads", "0.5,x").refused("--heads 0.5,x");
        Invocation.of("compress", "prune", "--model", model, "--out", out, "--neurons", "0.5,0.5,0.5").refused("3 shares", "2 layers");
        Invocation.of("compress", "prune", "--model", model, "--out", out, "--heads", 0.5, "--criterion", "taylor").refused("--scores");
        Invocation.of("compress", "prune", "--model", model, "--out", out, "--heads", 0.5, "--limit", 5)
                .refused("magnitude reads no text", "--limit");
        assertFalse(Files.exists(out));
    }
}
