package io.leanspike.backend.cuda;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assumptions.assumeFalse;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.leanspike.backend.PackagedLibrary;
import io.leanspike.backend.cpu.NativeLibrary;
import java.io.File;
import java.io.IOException;
import java.io.InputStream;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Whatever is missing for CUDA is told in one clear line, and auto takes another backend. The drivers here are the software GPU's library
 * under libcuda's name, found as a system's own driver is found.
 */
class AbsenceTest {
    private static final String REFUSAL = "cuda: backend cuda is not to be had here: ";

    @TempDir
    Path folder;

    @Test
    void noDriver() {
        assumeFalse(hasDriver(), "skipped: this machine has a CUDA driver");
        assertAnswer(REFUSAL + "no CUDA driver: libcuda.so.1 is not installed", Map.of(), JavaProcess.classPath());
    }

    @Test
    void aDriverThatIsBroken() throws IOException {
        Files.createFile(folder.resolve("libcuda.so.1"));
        assertAnswer(REFUSAL + "the CUDA driver cannot be loaded: libcuda.so.1: file too short", Map.of("LD_LIBRARY_PATH", folder.toString()),
                JavaProcess.classPath());
    }

    @Test
    void noDevice() throws IOException {
        assertAnswer(REFUSAL + "the CUDA driver finds no device", driver(Map.of("LEANSPIKE_SOFTGPU_DEVICES", "0")), JavaProcess.classPath());
    }

    @Test
    void aDriverTooOld() throws IOException {
        assertAnswer(REFUSAL + "the CUDA driver is too old: it supports CUDA 12.4, and the kernels need 13.0",
                driver(Map.of("LEANSPIKE_SOFTGPU_DRIVER_VERSION", "12040")), JavaProcess.classPath());
    }

    @Test
    void noKernels() throws IOException, URISyntaxException {
        assertAnswer(REFUSAL + "this build has no CUDA kernels: install nvcc 12 or newer and build again", driver(Map.of()),
                classPathWithoutKernels());
    }

    /** The tests above would prove nothing if a driver were never found that way. */
    @Test
    void aDriverWithADeviceIsFound() throws IOException {
        assumeTrue(KernelImages.absence().isEmpty(), "skipped: this build has no CUDA kernels");
        assertAnswer("cuda: LeanSpike software GPU sm_90 (H100) (sm_90)", driver(Map.of("LEANSPIKE_SOFTGPU_ARCH", "90")), JavaProcess.classPath());
    }

    @Test
    void aCpuLibraryThatIsNotOurs() throws IOException {
        driver(Map.of());
        JavaProcess process = JavaProcess.run(Absence.class, Map.of(), JavaProcess.classPath(), folder.resolve("libcuda.so.1").toString());
        assertEquals("auto: reference", process.lines().getLast());
        assertEquals(0, process.exitCode());
    }

    private static void assertAnswer(String cuda, Map<String, String> environment, String classPath) {
        JavaProcess process = JavaProcess.run(Absence.class, environment, classPath);
        String auto = NativeLibrary.absence().isEmpty() ? "cpu" : "reference";
        assertEquals(List.of(cuda, "auto: " + auto), process.lines());
        assertEquals(0, process.exitCode());
    }

    /** By its file: this process may have the software GPU loaded under the same name. */
    private static boolean hasDriver() {
        return Stream.of("/usr/lib/x86_64-linux-gnu", "/usr/lib64", "/usr/lib/wsl/lib", "/usr/local/nvidia/lib64")
                .anyMatch(folder -> Files.exists(Path.of(folder, "libcuda.so.1")));
    }

    /** The environment in which the software GPU is the system's driver. */
    private Map<String, String> driver(Map<String, String> settings) throws IOException {
        String resource = "/io/leanspike/native/" + PackagedLibrary.platform() + "/libleanspike_softgpu.so";
        try (InputStream in = SoftGpu.class.getResourceAsStream(resource)) {
            assumeTrue(in != null, "skipped: this build has no software GPU");
            Files.copy(in, folder.resolve("libcuda.so.1"));
        }
        Map<String, String> environment = new java.util.HashMap<>(settings);
        environment.put("LD_LIBRARY_PATH", folder.toString());
        return environment;
    }

    private String classPathWithoutKernels() throws IOException, URISyntaxException {
        Path classes = Path.of(CudaBackend.class.getProtectionDomain().getCodeSource().getLocation().toURI());
        Path copy = folder.resolve("classes");
        try (Stream<Path> files = Files.walk(classes)) {
            for (Path file : files.filter(file -> Files.isRegularFile(file) && !file.startsWith(classes.resolve("io/leanspike/cuda"))).toList()) {
                Path to = copy.resolve(classes.relativize(file));
                Files.createDirectories(to.getParent());
                Files.copy(file, to);
            }
        }
        List<String> entries = Stream.of(JavaProcess.classPath().split(File.pathSeparator))
                .map(entry -> Path.of(entry).toAbsolutePath().normalize().equals(classes.toAbsolutePath().normalize()) ? copy.toString() : entry).toList();
        return String.join(File.pathSeparator, entries);
    }
}
