package io.leanspike.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.leanspike.SpikingModel;
import io.leanspike.backend.PackagedLibrary;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a user is told where CUDA is not as it should be. A process has one driver, so each of these is a process. */
class CudaProcessTest {
    @TempDir
    Path folder;

    /** The software GPU under libcuda's name, for processes that look for libraries here. */
    @BeforeEach
    void installDriver() throws IOException {
        String resource = "/io/leanspike/native/" + PackagedLibrary.platform() + "/libleanspike_softgpu.so";
        try (InputStream in = SpikingModel.class.getResourceAsStream(resource)) {
            assumeTrue(in != null, "skipped: this build has no software GPU");
            Files.copy(in, folder.resolve("libcuda.so.1"));
        }
        assumeTrue(SpikingModel.class.getResource("/io/leanspike/cuda/kernels.json") != null, "skipped: this build has no CUDA kernels");
    }

    @Test
    void backendCudaWithoutADeviceIsAMistakeToldInOneLine() throws Exception {
        Answer answer = eval(Map.of("LEANSPIKE_SOFTGPU_DEVICES", "0"), "--backend", "cuda");
        assertEquals(new Answer(2, "", "leanspike: backend cuda is not to be had here: the CUDA driver finds no device\n"), answer);
    }

    @Test
    void backendAutoWithoutADeviceTakesAnother() throws Exception {
        Answer answer = eval(Map.of("LEANSPIKE_SOFTGPU_DEVICES", "0"), "--backend", "auto");
        assertEquals(0, answer.exitCode, answer.err);
        assertTrue(answer.out.contains("accuracy"), answer.out);
    }

    @Test
    void aDeviceTooSmallForTheModelIsToldInOneLine() throws Exception {
        Answer answer = eval(Map.of("LEANSPIKE_SOFTGPU_MEMORY", "100000"), "--backend", "cuda", "--device", "soft");
        assertEquals(1, answer.exitCode, answer.err);
        assertEquals(1, answer.err.lines().count(), answer.err);
        assertTrue(answer.err.matches("leanspike: the device's memory does not suffice: .*of 100000 are free.*use a smaller --batch.*\\R"),
                answer.err);
    }

    private record Answer(int exitCode, String out, String err) {}

    private Answer eval(Map<String, String> environment, String... options) throws Exception {
        List<String> command = new ArrayList<>(List.of(Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "--enable-native-access=ALL-UNNAMED", "-cp", System.getProperty("java.class.path"), Main.class.getName(),
                "eval", "--limit", "2", "--timesteps", "1"));
        command.addAll(List.of(options));
        Path err = folder.resolve("err");
        ProcessBuilder builder = new ProcessBuilder(command).redirectError(err.toFile());
        builder.environment().put("LD_LIBRARY_PATH", folder.toString());
        builder.environment().putAll(environment);
        Process process = builder.start();
        String out = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        return new Answer(process.waitFor(), out, Files.readString(err));
    }
}
