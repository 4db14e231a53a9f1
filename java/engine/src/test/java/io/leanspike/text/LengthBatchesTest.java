package io.leanspike.text;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.leanspike.backend.TokenBatch;
import io.leanspike.error.InvalidInputException;
import io.leanspike.model.ModelConfig;
import io.leanspike.model.SpikingConfig;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.RepetitionInfo;
import org.junit.jupiter.api.Test;

class LengthBatchesTest {
    private static final ModelConfig MODEL = new ModelConfig(
            50, 8, 2, 16, 1, 12, 2, 1e-12, List.of("LABEL_0", "LABEL_1"), new SpikingConfig(List.of(4), 1, 1, 0));

    @RepeatedTest(50)
    void everySequenceIsInOneBatchWithItsTokens(RepetitionInfo repetition) {
        Random random = new Random(repetition.getCurrentRepetition());
        List<Encoding> encodings = randomEncodings(random);
        int batchSize = 1 + random.nextInt(9);
        LengthBatches cut = LengthBatches.cut(encodings, batchSize, MODEL);

        boolean[] seen = new boolean[encodings.size()];
        int longest = Integer.MAX_VALUE;
        int previous = -1;
        for (int b = 0; b < cut.batches().size(); b++) {
            LengthBatch batch = cut.batches().get(b);
            TokenBatch tokens = batch.tokens();
            assertEquals(batch.inputs().length, tokens.sequences());
            assertTrue(tokens.sequences() == batchSize || b == cut.batches().size() - 1 && tokens.sequences() < batchSize);
            for (int s = 0; s < tokens.sequences(); s++) {
                int input = batch.inputs()[s];
                assertTrue(!seen[input], "input " + input + " comes twice");
                seen[input] = true;
                Encoding encoding = encodings.get(input);
                assertEquals(encoding.length(), tokens.length(s));
                assertTrue(encoding.length() < longest || encoding.length() == longest && input > previous, "order");
                longest = encoding.length();
                previous = input;
                for (int i = 0; i < encoding.length(); i++) {
                    int row = tokens.rowOffsets()[s] + i;
                    assertEquals(encoding.wordIds()[i], tokens.wordIds()[row]);
                    assertEquals(encoding.typeIds()[i], tokens.typeIds()[row]);
                    assertEquals(i, tokens.positionIds()[row]);
                    assertEquals(1, tokens.live()[row]);
                }
            }
        }
        for (int i = 0; i < seen.length; i++) {
            assertTrue(seen[i], "input " + i + " is in no batch");
        }
    }

    @RepeatedTest(50)
    void resultsDoNotDependOnOrderOrBatchSize(RepetitionInfo repetition) {
        Random random = new Random(repetition.getCurrentRepetition());
        List<Encoding> encodings = randomEncodings(random);
        List<Integer> order = new ArrayList<>(IntStream.range(0, encodings.size()).boxed().toList());
        Collections.shuffle(order, random);

        List<Integer> straight = LengthBatches.cut(encodings, 4, MODEL).map(LengthBatchesTest::sums);
        List<Integer> shuffled = LengthBatches.cut(order.stream().map(encodings::get).toList(), 1 + random.nextInt(7), MODEL)
                .map(LengthBatchesTest::sums);

        for (int i = 0; i < encodings.size(); i++) {
            assertEquals(Arrays.stream(encodings.get(i).wordIds()).sum(), straight.get(i));
            assertEquals(straight.get(order.get(i)), shuffled.get(i));
        }
    }

    @Test
    void noInputsMakeNoBatches() {
        LengthBatches none = LengthBatches.cut(List.of(), 4, MODEL);
        assertEquals(List.of(), none.batches());
        assertEquals(List.of(), none.map(LengthBatchesTest::sums));
    }

    @Test
    void idsOutsideTheModelsTablesAreRefused() {
        assertRefused(encoding(new int[] {1, 50}, new int[] {0, 0}), "input 1, token 1: word id 50", "50 rows");
        assertRefused(encoding(new int[] {-1}, new int[] {0}), "input 1, token 0: word id -1");
        assertRefused(encoding(new int[] {1, 2, 3}, new int[] {0, 0, 2}), "input 1, token 2: type id 2", "2 rows");
    }

    @Test
    void lengthsTheModelCannotTakeAreRefused() {
        assertRefused(encoding(new int[0], new int[0]), "input 1 has 0 tokens");
        assertRefused(encoding(new int[13], new int[13]), "input 1 has 13 tokens", "1 to 12");
    }

    @Test
    void resultsThatDoNotFitTheBatchesAreRefused() {
        LengthBatches cut = LengthBatches.cut(randomEncodings(new Random(1)), 4, MODEL);
        assertThrows(IllegalArgumentException.class, () -> cut.inInputOrder(List.of()));
        assertThrows(IllegalArgumentException.class, () -> cut.map(batch -> List.of()));
        assertThrows(IllegalArgumentException.class, () -> LengthBatches.cut(List.of(), 0, MODEL));
    }

    /** Stands for a model: one number a sequence, from its own tokens only. */
    private static List<Integer> sums(TokenBatch batch) {
        return IntStream.range(0, batch.sequences())
                .mapToObj(s -> Arrays.stream(batch.wordIds(), batch.rowOffsets()[s], batch.rowOffsets()[s + 1]).sum()).toList();
    }

    private static List<Encoding> randomEncodings(Random random) {
        return IntStream.range(0, 1 + random.nextInt(40)).mapToObj(i -> {
            int length = 1 + random.nextInt(MODEL.maxPositions());
            return encoding(random.ints(length, 0, MODEL.vocabularySize()).toArray(), random.ints(length, 0, 2).toArray());
        }).toList();
    }

    private static Encoding encoding(int[] wordIds, int[] typeIds) {
        return new Encoding(wordIds, typeIds, false);
    }

    private static void assertRefused(Encoding second, String... parts) {
        List<Encoding> encodings = List.of(encoding(new int[] {1}, new int[] {0}), second);
        InvalidInputException refused =
                assertThrows(InvalidInputException.class, () -> LengthBatches.cut(encodings, 2, MODEL));
        for (String part : parts) {
            assertTrue(refused.getMessage().contains(part), "'%s' is not in: %s".formatted(part, refused.getMessage()));
        }
    }
}
