package io.leanspike.cli;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DoctorCommandTest {
    @Test
    void everythingIsLookedAtAndModelsCanBeRun() {
        Invocation run = Invocation.of("doctor").fine();
        for (String subject : List.of("Java", "native kernels", "CUDA", "tokenizer", "bundled model")) {
            assertTrue(run.lines().stream().anyMatch(line -> line.startsWith(subject, 9)), subject + " in\n" + run.out());
        }
        assertTrue(run.out().endsWith("Models can be run here.\n"), run.out());
    }

    @Test
    void aGpuIsADeviceFileWithANumber(@TempDir Path devices) throws IOException {
        assertFalse(CudaCheck.hasDevice(devices));
        Files.createFile(devices.resolve("nvidiactl"));
        assertFalse(CudaCheck.hasDevice(devices));
        Files.createFile(devices.resolve("nvidia0"));
        assertTrue(CudaCheck.hasDevice(devices));
    }
}
