package io.leanspike.text;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.leanspike.SharedData;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

class GlueDataTest {

    /** The manifest's columns: file, source, commit, bytes, rows, ... */
    @TestFactory
    Stream<DynamicTest> everyFileOfTheManifestIsReadToItsLastRow() throws IOException {
        Path glue = SharedData.directory("data/glue");
        List<String> manifest = Files.readAllLines(glue.resolve("MANIFEST.tsv"));
        return manifest.stream().skip(1).map(line -> line.split("\t")).map(row -> DynamicTest.dynamicTest(row[0], () -> {
            GlueTask task = GlueTask.parse(row[0].substring(0, row[0].indexOf('/')));
            Path file = glue.resolve(row[0]);
            List<GlueExample> examples = GlueReader.read(task, file);
            assertEquals(Integer.parseInt(row[4]), examples.size());
            assertEquals(examples.size() + 1, examples.getLast().line());
            assertTrue(examples.stream().allMatch(example -> example.input().pair().isPresent() == task.pairColumn().isPresent()));
            assertTrue(task.isRegression() || examples.stream().map(GlueExample::gold).distinct().count() == task.labels().size());
            if (row[0].endsWith("/dev.tsv") || row[0].endsWith("/dev_matched.tsv")) {
                assertEquals(file, task.file(glue, "dev"));
            }
        }));
    }
}
