package io.leanspike.bench;

import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * What a figure was measured on.
 *
 * @param loadAverage processes that wanted a processor in the minute before; negative where the system does not say
 * @param commit of the sources, "-dirty" with changes; "unknown" outside a git checkout
 */
public record Machine(String cpu, int processors, double loadAverage, String java, String commit) {
    /** Work of others, as a share of the processors, above which figures are low and spread. */
    private static final double BUSY = 0.15;

    public static Machine here() {
        return new Machine(cpuModel(), Runtime.getRuntime().availableProcessors(),
                ManagementFactory.getOperatingSystemMXBean().getSystemLoadAverage(), Runtime.version().toString(), describeCommit());
    }

    /** One line for the reader when others use the machine too. */
    public Optional<String> warning() {
        return loadAverage > BUSY * processors
                ? Optional.of("warning: the load average is %.2f on %d processors before anything was measured; wait until it is idle"
                        .formatted(loadAverage, processors))
                : Optional.empty();
    }

    private static String cpuModel() {
        try (Stream<String> lines = Files.lines(Path.of("/proc/cpuinfo"))) {
            return lines.filter(line -> line.startsWith("model name")).findFirst()
                    .map(line -> line.substring(line.indexOf(':') + 1).strip())
                    .orElse(System.getProperty("os.arch"));
        } catch (IOException e) {
            return System.getProperty("os.arch");
        }
    }

    private static String describeCommit() {
        Path classes = Path.of(Machine.class.getProtectionDomain().getCodeSource().getLocation().getPath());
        try {
            Process git = new ProcessBuilder("git", "describe", "--always", "--dirty", "--abbrev=12", "--exclude=*")
                    .directory(classes.getParent().toFile()).redirectError(ProcessBuilder.Redirect.DISCARD).start();
            String answer = new String(git.getInputStream().readAllBytes(), StandardCharsets.UTF_8).strip();
            return answer.isEmpty() ? "unknown" : answer;
        } catch (IOException e) {
            return "unknown";
        }
    }
}
