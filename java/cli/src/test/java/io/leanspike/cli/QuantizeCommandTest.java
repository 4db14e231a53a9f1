package io.leanspike.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class QuantizeCommandTest {
    @TempDir
    Path folder;

    @Test
    void aQuantizedModelStaysAsItIs() throws IOException {
        Path model = BrokenModel.copy(folder.resolve("model")).folder();
        Path out = folder.resolve("out");
        Invocation.of("compress", "quantize", "--model", model, "--out", out, "--embeddings", 8).fine();
        assertEquals(-1, Files.mismatch(model.resolve("model.safetensors"), out.resolve("model.safetensors")));
        assertEquals(-1, Files.mismatch(model.resolve("config.json"), out.resolve("config.json")));
    }

    @Test
    void correctedModelsRun() {
        Path model = BrokenModel.copy(folder.resolve("model")).folder();
        for (String what : new String[] {"bias", "scale"}) {
            Path out = folder.resolve(what);
            Invocation.of("compress", "quantize", "--model", model, "--out", out, "--weights", 1.58, "--correct", what, "--timesteps", 2,
                    "--initial-potential", 0.5, "--limit", 8).fine();
            Invocation.of("eval", "--model", out, "--limit", 4).fine();
        }
        Path out = folder.resolve("out");
        Invocation.of("compress", "quantize", "--model", model, "--out", out, "--weights", 1, "--correct", "all").refused("'all'",
                "bias or scale");
        Invocation.of("compress", "quantize", "--model", model, "--out", out, "--embeddings", 8, "--correct", "bias").refused("--weights");
        Invocation.of("compress", "quantize", "--model", model, "--out", out, "--weights", 1, "--timesteps", 2).refused("--correct");
        assertFalse(Files.exists(out));
    }

    @Test
    void existingFilesAreNotTouched() throws IOException {
        Path model = BrokenModel.copy(folder.resolve("model")).folder();
        Path out = Files.createDirectory(folder.resolve("out"));
        Files.writeString(out.resolve("precious.txt"), "keep");
        Invocation.of("compress", "quantize", "--model", model, "--out", out, "--embeddings", 8).refused(out.toString(), "not empty");
        assertEquals(1, Files.list(out).count());
    }

    @Test
    void otherWidthsAndMissingModelsAreRefused() {
        Path out = folder.resolve("out");
        Invocation.of("compress", "quantize", "--model", folder, "--out", out, "--embeddings", 4).refused("--embeddings 4", "8 bits");
        Invocation.of("compress", "quantize", "--model", folder, "--out", out, "--weights", 2).refused("--weights 2", "1.58");
        Invocation.of("compress", "quantize", "--model", folder, "--out", out).refused("nothing to do");
        Invocation.of("compress", "quantize", "--model", folder.resolve("no"), "--out", out, "--embeddings", 8).refused("does not exist");
        Invocation.of("compress", "quantize", "--model", folder).refused("--out", "leanspike compress quantize --help");
        assertFalse(Files.exists(out));
    }
}
