package io.leanspike.text;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class TokenizerTest {
    @TempDir
    Path directory;

    @ParameterizedTest(name = "{0}")
    @CsvSource(delimiter = '|', value = {
        "words are cut into pieces | a playing b plays | a play ##ing b play ##s",
        "case does not matter | A PlAyInG | a play ##ing",
        "accents are stripped | résumé NAÏVE | resume naive",
        "combining accents are stripped | re\u0301sume\u0301 | resume",
        "Chinese characters stand apart | a中国b | a 中 国 b",
        "punctuation stands apart | a,b!c | a , b ! c",
        "control characters vanish | a\u0000\u0007\u200B b\uFFFD | a b",
        "white space of any kind separates | a\tb\u00A0c\u3000a\u2028b | a b c a b",
        "an emoji is one unknown word | a 😀 b | a [UNK] b",
        "an emoji sequence with a joiner is one unknown word | 👩‍🚀 | [UNK]",
        "a word with one unknown piece is unknown as a whole | playzing a | [UNK] a",
        "pieces need their own prefix | ing playa | [UNK] [UNK]",
        "digits are pieces too | 12 | 1 ##2",
        "special tokens written out stay special | a [SEP] b[MASK] | a [SEP] b [MASK]",
        "unknown tokens in brackets fall apart | [a] | [ a ]",
    })
    void textsAreTokenizedAsBertUncasedDoes(String promise, String text, String tokens) {
        try (Tokenizer tokenizer = SmallVocabulary.open(directory, 32)) {
            Encoding encoding = tokenizer.encode(List.of(TextInput.of(text))).getFirst();
            assertArrayEquals(SmallVocabulary.ids("[CLS] " + tokens + " [SEP]"), encoding.wordIds(), promise);
            assertArrayEquals(new int[encoding.length()], encoding.typeIds());
            assertFalse(encoding.truncated());
        }
    }

    @Test
    void emptyTextsAreOnlyTheirFrame() {
        try (Tokenizer tokenizer = SmallVocabulary.open(directory, 32)) {
            List<Encoding> encodings = tokenizer.encode(List.of(TextInput.of(""), TextInput.of(" \t"), TextInput.of("", "")));
            assertArrayEquals(SmallVocabulary.ids("[CLS] [SEP]"), encodings.get(0).wordIds());
            assertArrayEquals(SmallVocabulary.ids("[CLS] [SEP]"), encodings.get(1).wordIds());
            assertArrayEquals(SmallVocabulary.ids("[CLS] [SEP] [SEP]"), encodings.get(2).wordIds());
            assertTrue(tokenizer.encode(List.of()).isEmpty());
        }
    }

    @Test
    void anUnpairedSurrogateIsDropped() {
        try (Tokenizer tokenizer = SmallVocabulary.open(directory, 32)) {
            List<Encoding> encodings = tokenizer.encode(List.of(TextInput.of("a \uD83D b"), TextInput.of("a \uDE00 b"),
                    TextInput.of("a b\uD83D"), TextInput.of("a", "b \uDE00\uD83D")));
            for (Encoding encoding : encodings.subList(0, 3)) {
                assertArrayEquals(SmallVocabulary.ids("[CLS] a b [SEP]"), encoding.wordIds());
            }
            assertArrayEquals(SmallVocabulary.ids("[CLS] a [SEP] b [SEP]"), encodings.get(3).wordIds());
        }
    }

    @Test
    void wordsOfMoreThan100CharactersAreUnknown() {
        try (Tokenizer tokenizer = SmallVocabulary.open(directory, 200)) {
            Encoding fits = tokenizer.encode(List.of(TextInput.of("play" + "s".repeat(96)))).getFirst();
            assertEquals(1 + 1 + 96 + 1, fits.length());
            Encoding unknown = tokenizer.encode(List.of(TextInput.of("play" + "s".repeat(97)))).getFirst();
            assertArrayEquals(SmallVocabulary.ids("[CLS] [UNK] [SEP]"), unknown.wordIds());
        }
    }

    @Test
    void theSecondTextAndItsSeparatorHaveType1() {
        try (Tokenizer tokenizer = SmallVocabulary.open(directory, 32)) {
            Encoding pair = tokenizer.encode(List.of(TextInput.of("a playing", "b , c"))).getFirst();
            assertArrayEquals(SmallVocabulary.ids("[CLS] a play ##ing [SEP] b , c [SEP]"), pair.wordIds());
            assertArrayEquals(new int[] {0, 0, 0, 0, 0, 1, 1, 1, 1}, pair.typeIds());
            assertFalse(pair.truncated());
        }
    }

    @ParameterizedTest(name = "{0} | {1} in {2} positions")
    @CsvSource(delimiter = '|', nullValues = "none", value = {
        "a b c a b | none | 7 | [CLS] a b c a b [SEP] | false",
        "a b c a b | none | 6 | [CLS] a b c a [SEP] | true",
        "a b c a b | none | 3 | [CLS] a [SEP] | true",
        "a b | c | 6 | [CLS] a b [SEP] c [SEP] | false",
        "a b c a b | c | 6 | [CLS] a b [SEP] c [SEP] | true",
        "c | a b c a b | 6 | [CLS] c [SEP] a b [SEP] | true",
        "a b c a b | b c a b c | 7 | [CLS] a b [SEP] b c [SEP] | true",
        "a b c | b c a | 3 | [CLS] [SEP] [SEP] | true",
    })
    void longInputsLoseTheEndOfTheLongerText(String first, String second, int positions, String tokens, boolean truncated) {
        TextInput input = second == null ? TextInput.of(first) : TextInput.of(first, second);
        try (Tokenizer tokenizer = SmallVocabulary.open(directory, positions)) {
            Encoding encoding = tokenizer.encode(List.of(input)).getFirst();
            assertArrayEquals(SmallVocabulary.ids(tokens), encoding.wordIds());
            assertEquals(truncated, encoding.truncated());
        }
    }

    @Test
    void encodingsComeInTheOrderOfTheInputs() {
        List<TextInput> inputs = IntStream.range(0, 5000)
                .mapToObj(i -> i % 3 == 0 ? TextInput.of("a ".repeat(i % 7), "b") : TextInput.of("c ".repeat(i % 11))).toList();
        try (Tokenizer tokenizer = SmallVocabulary.open(directory, 64)) {
            List<Encoding> encodings = tokenizer.encode(inputs);
            for (int i = 0; i < inputs.size(); i++) {
                assertEquals(i % 3 == 0 ? 4 + i % 7 : 2 + i % 11, encodings.get(i).length(), "input " + i);
            }
        }
    }

    @Test
    void aClosedTokenizerSaysSo() {
        Tokenizer tokenizer = SmallVocabulary.open(directory, 32);
        tokenizer.close();
        tokenizer.close();
        IllegalStateException closed =
                assertThrows(IllegalStateException.class, () -> tokenizer.encode(List.of(TextInput.of("a"))));
        assertEquals("the tokenizer is closed", closed.getMessage());
    }

    @Test
    void threadsShareATokenizerAndClosingWaitsForThem() throws Exception {
        Tokenizer tokenizer = SmallVocabulary.open(directory, 32);
        List<TextInput> inputs = IntStream.range(0, 3000)
                .mapToObj(i -> TextInput.of("playing a b c " + "a ".repeat(i % 9))).toList();
        List<int[]> expected = tokenizer.encode(inputs).stream().map(Encoding::wordIds).toList();
        Callable<Integer> work = () -> {
            int rounds = 0;
            while (true) {
                List<Encoding> encodings;
                try {
                    encodings = tokenizer.encode(inputs);
                } catch (IllegalStateException closed) {
                    return rounds;
                }
                for (int i = 0; i < inputs.size(); i++) {
                    assertArrayEquals(expected.get(i), encodings.get(i).wordIds());
                }
                rounds++;
            }
        };
        try (ExecutorService threads = Executors.newFixedThreadPool(4)) {
            List<Future<Integer>> running = new ArrayList<>();
            for (int i = 0; i < 4; i++) {
                running.add(threads.submit(work));
            }
            Thread.sleep(200);
            tokenizer.close();
            for (Future<Integer> thread : running) {
                assertTrue(thread.get() >= 0);
            }
        }
    }
}
