package io.leanspike.text;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.leanspike.model.TinyCheckpoint;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Text is tokenized where the user's home cannot be written, and nothing is left behind. */
class ReadOnlyHomeTest {
    @TempDir
    Path folder;

    /** Runs in a JVM of its own. */
    public static final class Child {
        private Child() {}

        public static void main(String[] args) {
            try (Tokenizer tokenizer = Tokenizer.open(Path.of(args[0]), 16, TinyCheckpoint.VOCABULARY.size())) {
                System.out.println(tokenizer.encode(List.of(TextInput.of("good"))).getFirst().length());
            }
        }
    }

    @Test
    void aHomeThatCannotBeWrittenIsNoHindrance() throws IOException, InterruptedException {
        Path model = TinyCheckpoint.write(folder.resolve("model"), 5);
        Path temporary = Files.createDirectory(folder.resolve("tmp"));
        // A file cannot hold a cache folder, whoever the user is.
        Path home = Files.createFile(folder.resolve("home"));
        Process child = new ProcessBuilder(Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "--enable-native-access=ALL-UNNAMED", "-Duser.home=" + home, "-Djava.io.tmpdir=" + temporary,
                "-cp", System.getProperty("java.class.path"), Child.class.getName(), model.toString())
                .redirectErrorStream(true).start();
        String output = new String(child.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertEquals(0, child.waitFor(), output);
        assertEquals("3", output.strip());
        try (Stream<Path> left = Files.list(temporary).filter(file -> file.getFileName().toString().startsWith("leanspike"))) {
            assertEquals(List.of(), left.toList());
        }
    }
}
