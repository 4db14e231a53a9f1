package io.leanspike;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.leanspike.model.TinyCheckpoint;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import javax.tools.JavaCompiler;
import javax.tools.ToolProvider;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The Java example of the README compiles as it stands there and runs. */
class ReadmeExampleTest {
    @TempDir
    Path folder;

    @Test
    void theExampleCompilesAndRuns() throws IOException, ReflectiveOperationException {
        Path source = folder.resolve("Example.java");
        Files.writeString(source, example());
        JavaCompiler compiler = ToolProvider.getSystemJavaCompiler();
        ByteArrayOutputStream complaints = new ByteArrayOutputStream();
        int status = compiler.run(null, complaints, complaints,
                "-d", folder.toString(), "-cp", System.getProperty("java.class.path"), source.toString());
        assertEquals(0, status, complaints.toString(StandardCharsets.UTF_8));

        Path model = TinyCheckpoint.write(folder.resolve("model"), 11);
        Files.createDirectories(folder.resolve("glue/SST-2"));
        Files.writeString(folder.resolve("glue/SST-2/dev.tsv"), "sentence\tlabel\na good film\t1\na bad film\t0\n");
        String output = run(model.toString(), folder.resolve("glue").toString());
        assertTrue(output.contains("accuracy="), output);
        assertTrue(output.contains(" SOPs"), output);
    }

    private String run(String... arguments) throws IOException, ReflectiveOperationException {
        PrintStream before = System.out;
        ByteArrayOutputStream output = new ByteArrayOutputStream();
        try (URLClassLoader loader = new URLClassLoader(new URL[] {folder.toUri().toURL()})) {
            System.setOut(new PrintStream(output, true, StandardCharsets.UTF_8));
            loader.loadClass("Example").getMethod("main", String[].class).invoke(null, (Object) arguments);
        } finally {
            System.setOut(before);
        }
        return output.toString(StandardCharsets.UTF_8);
    }

    /** The README's one Java block. */
    private static String example() throws IOException {
        Path readme = Path.of("").toAbsolutePath();
        while (!Files.exists(readme.resolve("README.md")) || !Files.exists(readme.resolve("leanspike"))) {
            readme = readme.getParent();
        }
        String text = Files.readString(readme.resolve("README.md"));
        int start = text.indexOf("```java\n") + "```java\n".length();
        return text.substring(start, text.indexOf("```", start));
    }
}
