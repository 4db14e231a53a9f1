package io.leanspike.text;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.leanspike.error.InvalidInputException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class TokenizerFilesTest {
    private static final int ROWS = SmallVocabulary.TOKENS.size();

    @TempDir
    Path directory;

    @Test
    void aFolderWithoutTokenizerIsNamed() {
        assertRefused(ROWS, directory.toString(), "neither tokenizer.json nor vocab.txt");
    }

    @Test
    void anEmptyVocabularyIsRefused() throws IOException {
        Files.writeString(directory.resolve("vocab.txt"), "");
        assertRefused(ROWS, "vocab.txt", "empty");
    }

    @ParameterizedTest
    @ValueSource(strings = {"[CLS]", "[SEP]", "[UNK]", "[PAD]"})
    void aVocabularyWithoutASpecialTokenIsRefused(String token) throws IOException {
        Files.write(directory.resolve("vocab.txt"), SmallVocabulary.TOKENS.stream().filter(t -> !t.equals(token)).toList());
        assertRefused(ROWS, "vocab.txt", "lacks " + token);
        Files.writeString(directory.resolve("tokenizer.json"), json().replace("\"" + token + "\":", "\"x\":"));
        assertRefused(ROWS, "tokenizer.json", "lacks " + token);
    }

    @Test
    void aVocabularyWithoutMaskServes() throws IOException {
        Files.write(directory.resolve("vocab.txt"), SmallVocabulary.TOKENS.stream().filter(t -> !t.equals("[MASK]")).toList());
        Tokenizer.open(directory, 8, ROWS).close();
    }

    @Test
    void bytesThatAreNotUtf8AreNamedWithTheirLine() throws IOException {
        Files.write(directory.resolve("vocab.txt"), "[PAD]\n[UNK]\ncaf\u00E9\n".getBytes(StandardCharsets.ISO_8859_1));
        assertRefused(ROWS, "vocab.txt:3", "UTF-8");
        Files.write(directory.resolve("tokenizer.json"), new byte[] {'{', '"', (byte) 0xFF, '"', ':', '1', '}'});
        assertRefused(ROWS, "tokenizer.json", "UTF-8");
    }

    @Test
    void anEmptyOrRepeatedLineIsNamed() throws IOException {
        Files.writeString(directory.resolve("vocab.txt"), "[PAD]\n\n[UNK]\n");
        assertRefused(ROWS, "vocab.txt:2", "empty");
        Files.writeString(directory.resolve("vocab.txt"), "[PAD]\nword\n[UNK]\nword\n");
        assertRefused(ROWS, "vocab.txt:4", "'word' already stands in line 2");
    }

    @Test
    void aVocabularyWithWindowsLineEndsAndByteOrderMarkServes() throws IOException {
        Files.writeString(directory.resolve("vocab.txt"), "\uFEFF" + String.join("\r\n", SmallVocabulary.TOKENS) + "\r\n");
        assertEncodesPlaying(ROWS);
    }

    @Test
    void aVocabularyLargerThanTheEmbeddingTableIsRefusedWithBothNumbers() throws IOException {
        SmallVocabulary.write(directory);
        assertRefused(ROWS - 1, "vocab.txt", "ids run to " + (ROWS - 1), "has " + (ROWS - 1) + " rows");
        Files.writeString(directory.resolve("tokenizer.json"), json());
        assertRefused(ROWS - 1, "tokenizer.json", "ids run to " + (ROWS - 1), "has " + (ROWS - 1) + " rows");
        Files.writeString(directory.resolve("tokenizer.json"), withAddedToken(ROWS));
        assertRefused(ROWS, "tokenizer.json", "ids run to " + ROWS, "has " + ROWS + " rows");
    }

    @Test
    void aTableWithRoomToSpareServes() {
        SmallVocabulary.write(directory);
        assertEncodesPlaying(ROWS + 42);
    }

    @Test
    void aModelWithoutRoomForTheFrameIsRefused() {
        SmallVocabulary.write(directory);
        InvalidInputException refused = assertThrows(InvalidInputException.class, () -> Tokenizer.open(directory, 2, ROWS));
        assertTrue(refused.getMessage().contains("2 positions"), refused.getMessage());
    }

    @Test
    void tokenizerJsonComesBeforeVocabTxt() throws IOException {
        String json = json();
        Files.writeString(directory.resolve("tokenizer.json"), json);
        Files.writeString(directory.resolve("vocab.txt"), "nonsense\n");
        assertEncodesPlaying(ROWS);
    }

    @Test
    void theOlderFormOfTheFrameServes() throws IOException {
        String json = json();
        int from = json.indexOf("\"post_processor\":") + "\"post_processor\":".length();
        int to = json.indexOf(",\"model\"");
        Files.writeString(directory.resolve("tokenizer.json"), json.substring(0, from)
                + "{\"type\":\"BertProcessing\",\"sep\":[\"[SEP]\",3],\"cls\":[\"[CLS]\",2]}" + json.substring(to));
        assertEncodesPlaying(ROWS);
    }

    @Test
    void aCasedTokenizerJsonKeepsCaseAndAccents() throws IOException {
        Files.writeString(directory.resolve("tokenizer.json"), json()
                .replace("\"lowercase\":true", "\"lowercase\":false").replace("\"strip_accents\":true", "\"strip_accents\":null"));
        try (Tokenizer tokenizer = Tokenizer.open(directory, 16, ROWS)) {
            assertArrayEquals(SmallVocabulary.ids("[CLS] a [UNK] resume [UNK] [SEP]"),
                    tokenizer.encode(List.of(TextInput.of("a A resume r\u00E9sum\u00E9"))).getFirst().wordIds());
        }
    }

    @Test
    void anAddedTokenIsCutOutOfTheText() throws IOException {
        Files.writeString(directory.resolve("tokenizer.json"), withAddedToken(ROWS));
        try (Tokenizer tokenizer = Tokenizer.open(directory, 16, ROWS + 1)) {
            assertArrayEquals(new int[] {2, 5, ROWS, 6, 3}, tokenizer.encode(List.of(TextInput.of("a<x>b"))).getFirst().wordIds());
        }
    }

    @ParameterizedTest(name = "{0} -> {1}: {2}")
    @CsvSource(delimiter = '|', value = {
        "\"type\":\"WordPiece\" | \"type\":\"BPE\" | 'BPE', but a BERT tokenizer has WordPiece",
        "\"BertNormalizer\" | \"NFC\" | 'NFC', but a BERT tokenizer has BertNormalizer",
        "\"BertPreTokenizer\" | \"ByteLevel\" | 'ByteLevel', but a BERT tokenizer has BertPreTokenizer",
        "\"unk_token\":\"[UNK]\" | \"unk_token\":\"<unk>\" | '<unk>', but a BERT tokenizer has [UNK]",
        "\"##\" | \"@@\" | '@@', but a BERT tokenizer has ##",
        "\"type_id\":1 | \"type_id\":0 | does not frame texts",
        "\"ids\":[2] | \"ids\":[7] | does not frame texts",
        "\"max_input_chars_per_word\":100 | \"max_input_chars_per_word\":0 | must be at least 1",
        "\"id\":4,\"content\":\"[MASK]\" | \"id\":5,\"content\":\"[MASK]\" | '[MASK]' has id 5, but 4 is expected",
        "\"a\":5 | \"a\":-5 | negative id",
        "\"a\":5 | \"b\":5 | appears twice",
        "\"a\":5 | \"a\":5.5 | is not a tokenizer.json",
        "\"a\":5 | \"a\":\"x\" | is not a tokenizer.json",
        "\"a\":5 | \"a\":null | is not a tokenizer.json",
        "\"vocab\":{ | \"vocab\":[{ | is not a tokenizer.json",
    })
    void aTokenizerJsonOfAnotherKindIsRefusedWithTheReason(String from, String to, String reason) throws IOException {
        String json = json();
        assertTrue(json.contains(from));
        Files.writeString(directory.resolve("tokenizer.json"), json.replace(from, to));
        assertRefused(1000, "tokenizer.json", reason);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "x", "[]", "null", "{}", "{\"model\":", "{\"model\":null}", "{\"added_tokens\":[[]]}"})
    void textThatIsNoTokenizerJsonIsRefused(String text) throws IOException {
        Files.writeString(directory.resolve("tokenizer.json"), text);
        assertRefused(ROWS, "tokenizer.json");
    }

    /** The native tokenizer ends the process on some of these files when it gets them as they are. */
    @Test
    void noMutationOfTokenizerJsonDoesWorseThanBeRefused() throws IOException {
        String json = json();
        String[] values = {"true", "null", "0", "-1", "99999999999", "\"\"", "[]", "{}", "\"[CLS]\""};
        for (int seed = 0; seed < 600; seed++) {
            Random random = new Random(seed);
            StringBuilder mutated = new StringBuilder(json);
            for (int n = random.nextInt(3); n >= 0; n--) {
                int at = random.nextInt(mutated.length());
                switch (random.nextInt(4)) {
                    case 0 -> mutated.setCharAt(at, (char) random.nextInt(32, 127));
                    case 1 -> mutated.deleteCharAt(at);
                    case 2 -> mutated.delete(at, Math.min(mutated.length(), at + random.nextInt(60)));
                    default -> mutated.insert(at, values[random.nextInt(values.length)]);
                }
            }
            Files.writeString(directory.resolve("tokenizer.json"), mutated);
            opensOrRefuses("tokenizer.json, seed " + seed);
        }
    }

    @Test
    void noMutationOfVocabTxtDoesWorseThanBeRefused() throws IOException {
        byte[] valid = String.join("\n", SmallVocabulary.TOKENS).getBytes(StandardCharsets.UTF_8);
        for (int seed = 0; seed < 400; seed++) {
            Random random = new Random(seed);
            byte[] mutated = valid.clone();
            for (int n = random.nextInt(4); n >= 0; n--) {
                mutated[random.nextInt(mutated.length)] = (byte) random.nextInt(256);
            }
            Files.write(directory.resolve("vocab.txt"), mutated);
            opensOrRefuses("vocab.txt, seed " + seed);
        }
    }

    private void opensOrRefuses(String what) {
        try (Tokenizer tokenizer = Tokenizer.open(directory, 8, 1000)) {
            tokenizer.encode(List.of(TextInput.of("playing a \u4E2D [MASK]"), TextInput.of("a b", "b c a b c a b c")));
        } catch (InvalidInputException refused) {
            assertTrue(refused.getMessage().contains(directory.toString()), what + ": " + refused.getMessage());
        } catch (RuntimeException e) {
            throw new AssertionError(what, e);
        }
    }

    private String json() {
        SmallVocabulary.write(directory);
        return TokenizerJson.of(VocabularyReader.read(directory.resolve("vocab.txt"))).replace("\": ", "\":");
    }

    private String withAddedToken(int id) {
        return json().replace("\"added_tokens\":[", "\"added_tokens\":[{\"id\":" + id + ",\"content\":\"<x>\"},");
    }

    private void assertEncodesPlaying(int rows) {
        try (Tokenizer tokenizer = Tokenizer.open(directory, 16, rows)) {
            assertArrayEquals(SmallVocabulary.ids("[CLS] play ##ing [SEP]"),
                    tokenizer.encode(List.of(TextInput.of("Playing"))).getFirst().wordIds());
        }
    }

    private void assertRefused(int rows, String... parts) {
        InvalidInputException refused = assertThrows(InvalidInputException.class, () -> Tokenizer.open(directory, 16, rows));
        for (String part : parts) {
            assertTrue(refused.getMessage().contains(part), "'%s' is not in: %s".formatted(part, refused.getMessage()));
        }
    }
}
