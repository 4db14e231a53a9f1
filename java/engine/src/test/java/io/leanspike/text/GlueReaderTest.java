package io.leanspike.text;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.leanspike.error.InvalidInputException;
import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class GlueReaderTest {
    @TempDir
    Path directory;

    @Test
    void columnsAreFoundByTheirHeader() throws IOException {
        assertEquals(
                List.of(new GlueExample(2, TextInput.of("first", "second"), 1),
                        new GlueExample(3, TextInput.of("third", "fourth"), 0)),
                read(GlueTask.MRPC, "#2 String\tnote\tQuality\t#1 String\nsecond\tx\t1\tfirst\nfourth\t\t0\tthird\n"));
    }

    @Test
    void labelsCountInTheOrderOfTheTask() throws IOException {
        List<GlueExample> examples = read(GlueTask.MNLI,
                "sentence1\tsentence2\tgold_label\na\tb\tcontradiction\na\tb\tentailment\na\tb\tneutral\n");
        assertEquals(List.of(2.0, 0.0, 1.0), examples.stream().map(GlueExample::gold).toList());
    }

    @Test
    void scoresAreNumbersFrom0To5() throws IOException {
        List<GlueExample> examples = read(GlueTask.STS_B, "sentence1\tsentence2\tscore\na\tb\t0\na\tb\t5.000\na\tb\t2.75\n");
        assertEquals(List.of(0.0, 5.0, 2.75), examples.stream().map(GlueExample::gold).toList());
    }

    @Test
    void windowsLineEndsAndAByteOrderMarkAreNoPartOfTheText() throws IOException {
        assertEquals(List.of(new GlueExample(2, TextInput.of("a b"), 1), new GlueExample(3, TextInput.of("c"), 0)),
                read(GlueTask.SST_2, "\uFEFFsentence\tlabel\r\na b\t1\r\nc\t0"));
    }

    @Test
    void quotesAndOtherLineSeparatorsAreText() throws IOException {
        String text = "\"a\u2028b\u0085 ''c\"\" \\t";
        assertEquals(List.of(new GlueExample(2, TextInput.of(text), 0)),
                read(GlueTask.SST_2, "sentence\tlabel\n" + text + "\t0\n"));
    }

    @Test
    void aReplacementCharacterInTheTextIsText() throws IOException {
        assertEquals(TextInput.of("a \uFFFD b"), read(GlueTask.SST_2, "sentence\tlabel\na \uFFFD b\t0\n").getFirst().input());
    }

    @Test
    void colaIsReadWithoutAHeader() throws IOException {
        assertEquals(List.of(new GlueExample(1, TextInput.of("One."), 1), new GlueExample(2, TextInput.of("Two."), 0)),
                read(GlueTask.COLA, "gj04\t1\t\tOne.\ngj04\t0\t*\tTwo.\n"));
    }

    @Test
    void theLimitCountsExamplesAndLaterRowsAreNotLookedAt() throws IOException {
        String rows = "sentence\tlabel\na\t1\nb\t0\nbroken\n";
        assertEquals(2, GlueReader.read(GlueTask.SST_2, write(rows), 2).size());
        assertThrows(InvalidInputException.class, () -> GlueReader.read(GlueTask.SST_2, write(rows), 3));
        assertThrows(IllegalArgumentException.class, () -> GlueReader.read(GlueTask.SST_2, write(rows), 0));
        assertEquals(1, GlueReader.read(GlueTask.COLA, write("x\t1\t\ta\nbroken\n"), 1).size());
    }

    @Test
    void linesLongerThanTheReadBufferAreWhole() throws IOException {
        String text = "é".repeat(200_000);
        List<GlueExample> examples = read(GlueTask.SST_2, "sentence\tlabel\n" + text + "\t1\nnext\t0\n" + text + "\t0");
        assertEquals(List.of(text, "next", text), examples.stream().map(example -> example.input().text()).toList());
    }

    @Test
    void aLineOfMoreThanAMebibyteIsRefused() {
        InvalidInputException refused = assertThrows(InvalidInputException.class,
                () -> read(GlueTask.SST_2, "sentence\tlabel\na\t1\n" + "x".repeat(2 << 20)));
        assertTrue(refused.getMessage().contains(":3: the line is longer than 1048576 bytes"), refused.getMessage());
    }

    @ParameterizedTest(name = "{0} {1}:{2}: {3}")
    @CsvSource(delimiter = '|', quoteCharacter = '`', value = {
        "SST-2 | empty.tsv | | the file is empty",
        "SST-2 | header-only.tsv | | header but no rows",
        "SST-2 | blank-line.tsv | 3 | the row has 1 columns, but the header 2",
        "SST-2 | missing-column.tsv | 3 | the row has 1 columns, but the header 2",
        "SST-2 | extra-column.tsv | 2 | the row has 3 columns, but the header 2",
        "SST-2 | no-label-column.tsv | 1 | needs a column 'label', which a test file without labels lacks",
        "MRPC | no-text-column.tsv | 1 | needs a column '#2 String'",
        "SST-2 | repeated-column.tsv | 1 | column 'label' appears twice",
        "SST-2 | unknown-label.tsv | 3 | label '2' is none of SST-2's [0, 1]",
        "MNLI | unlabelled-row.tsv | 2 | label '-' is none of MNLI's [entailment, neutral, contradiction]",
        "SST-2 | empty-label.tsv | 2 | label '' is none of",
        "STS-B | score-not-a-number.tsv | 2 | the score 'high' is not a number",
        "STS-B | score-nan.tsv | 2 | the score NaN is not between 0.0 and 5.0",
        "STS-B | score-too-high.tsv | 3 | the score 5.1 is not between 0.0 and 5.0",
        "SST-2 | empty-text.tsv | 2 | the text in column 'sentence' is empty",
        "MRPC | empty-pair.tsv | 2 | the text in column '#2 String' is empty",
        "SST-2 | latin1.tsv | 3 | not valid UTF-8",
        "SST-2 | cut-utf8.tsv | 2 | not valid UTF-8",
        "SST-2 | overlong-utf8.tsv | 2 | not valid UTF-8",
        "SST-2 | surrogate-utf8.tsv | 2 | not valid UTF-8",
        "SST-2 | utf16.tsv | 1 | not valid UTF-8",
        "SST-2 | bare-cr.tsv | 1 | needs a column 'label'",
    })
    void aMalformedFileIsRefusedWithLineAndCause(String task, String name, String line, String cause) throws Exception {
        Path file = malformed(name);
        InvalidInputException refused =
                assertThrows(InvalidInputException.class, () -> GlueReader.read(GlueTask.parse(task), file));
        String where = line == null ? file + ": " : file + ":" + line + ": ";
        assertTrue(refused.getMessage().startsWith(where), refused.getMessage());
        assertTrue(refused.getMessage().contains(cause), refused.getMessage());
    }

    @Test
    void whatCannotBeOpenedIsNamed() {
        InvalidInputException absent = assertThrows(InvalidInputException.class,
                () -> GlueReader.read(GlueTask.SST_2, directory.resolve("absent.tsv")));
        assertEquals(directory.resolve("absent.tsv") + ": no such file", absent.getMessage());
        InvalidInputException folder = assertThrows(InvalidInputException.class, () -> GlueReader.read(GlueTask.SST_2, directory));
        assertTrue(folder.getMessage().contains("is a folder"), folder.getMessage());
    }

    @Test
    void textsFromTheFileAreShownShortenedAndWithoutControlCharacters() {
        InvalidInputException refused = assertThrows(InvalidInputException.class,
                () -> read(GlueTask.SST_2, "sentence\tlabel\na\t\u001B[2J" + "x".repeat(10_000) + "\n"));
        assertTrue(refused.getMessage().contains("'\\u001b[2Jxxx"), refused.getMessage());
        assertTrue(refused.getMessage().length() < directory.toString().length() + 300, refused.getMessage());
    }

    private List<GlueExample> read(GlueTask task, String text) throws IOException {
        return GlueReader.read(task, write(text));
    }

    private Path write(String text) throws IOException {
        return Files.writeString(directory.resolve("file.tsv"), text);
    }

    private static Path malformed(String name) throws URISyntaxException {
        return Path.of(GlueReaderTest.class.getResource("/glue/malformed/" + name).toURI());
    }
}
