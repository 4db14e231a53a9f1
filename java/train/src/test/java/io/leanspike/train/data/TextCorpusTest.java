package io.leanspike.train.data;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.leanspike.error.InvalidInputException;
import io.leanspike.text.Encoding;
import io.leanspike.text.TextInput;
import io.leanspike.text.Tokenizer;
import io.leanspike.train.RandomEncoder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TextCorpusTest {
    private static final int WORDS = 30;

    @TempDir
    private Path folder;
    private Path file;

    @BeforeEach
    void vocabulary() {
        ModelFiles.writeVocabulary(folder, RandomEncoder.vocabulary(WORDS));
        file = folder.resolve("texts.tokens");
    }

    private Tokenizer tokenizer() {
        return Tokenizer.open(folder, 16, RandomEncoder.vocabulary(WORDS).size());
    }

    private static List<TextInput> texts(int count) {
        Random random = new Random(3);
        List<String> words = RandomEncoder.vocabulary(WORDS).reversed();
        List<TextInput> texts = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            String text = String.join(" ", words.subList(0, 1 + random.nextInt(WORDS)));
            texts.add(i % 3 == 0 ? TextInput.of(text, words.get(i % WORDS)) : TextInput.of(text));
        }
        return texts;
    }

    @Test
    void textsComeBackAsTheTokenizerMadeThem() {
        List<TextInput> texts = texts(5000);
        try (Tokenizer tokenizer = tokenizer(); TextCorpus corpus = TextCorpus.of(texts::forEach, tokenizer, file)) {
            List<Encoding> expected = tokenizer.encode(texts);
            assertEquals(expected.size(), corpus.count());
            assertEquals(expected.stream().mapToLong(Encoding::length).sum(), corpus.tokens());
            for (int i = 0; i < expected.size(); i++) {
                assertArrayEquals(expected.get(i).wordIds(), corpus.encoding(i).wordIds());
                assertArrayEquals(expected.get(i).typeIds(), corpus.encoding(i).typeIds());
                assertEquals(expected.get(i).length(), corpus.length(i));
            }
            assertTrue(Files.exists(file));
        }
        assertFalse(Files.exists(file), "the cache of a training goes with it");
    }

    @Test
    void everyTextIsEitherTrainedOnOrHeldOut() {
        for (int count : new int[] {2, 3, 19, 20, 21, 500}) {
            List<TextInput> texts = IntStream.range(0, count).mapToObj(i -> TextInput.of("a ".repeat(1 + i / 10) + (char) ('a' + i % 10)))
                    .toList();
            try (Tokenizer tokenizer = Tokenizer.open(folder, 128, RandomEncoder.vocabulary(WORDS).size());
                    TextCorpus corpus = TextCorpus.of(texts::forEach, tokenizer, file)) {
                List<List<Integer>> seen = new ArrayList<>();
                for (Texts part : List.of(corpus.training(), corpus.heldOut())) {
                    assertTrue(part.count() > 0);
                    IntStream.range(0, part.count()).forEach(i -> seen.add(words(part.encoding(i))));
                }
                assertEquals(count, seen.size());
                List<List<Integer>> all = tokenizer.encode(texts).stream().map(TextCorpusTest::words).toList();
                assertTrue(seen.containsAll(all));
            }
        }
    }

    private static List<Integer> words(Encoding encoding) {
        return IntStream.of(encoding.wordIds()).boxed().toList();
    }

    @Test
    void aCorpusThatCannotBeWrittenIsNamed() {
        try (Tokenizer tokenizer = tokenizer()) {
            Path device = Path.of("/dev/full");
            assumeTrue(Files.exists(device), "no /dev/full on this machine");
            List<TextInput> texts = texts(20_000);
            InvalidInputException full = assertThrows(InvalidInputException.class, () -> TextCorpus.of(texts::forEach, tokenizer, device));
            assertTrue(full.getMessage().contains("/dev/full cannot be written"), full.getMessage());
        }
    }
}
