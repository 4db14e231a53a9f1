package io.leanspike.train;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;

/**
 * Sentences of {@link RandomEncoder}'s words in the files of SST-2. A sentence is positive when it has more words of the first
 * quarter of the vocabulary than of the second; words of the other half mean nothing.
 */
public final class SyntheticReviews {
    private SyntheticReviews() {}

    /** Writes SST-2/train.tsv and SST-2/dev.tsv below a folder. */
    public static void write(Path glue, int words, int train, int dev, long seed) throws IOException {
        Random random = new Random(seed);
        Path folder = Files.createDirectories(glue.resolve("SST-2"));
        Files.write(folder.resolve("train.tsv"), lines(words, train, random));
        Files.write(folder.resolve("dev.tsv"), lines(words, dev, random));
    }

    private static List<String> lines(int words, int count, Random random) {
        List<String> names = RandomEncoder.vocabulary(words).reversed().subList(0, words);
        List<String> lines = new ArrayList<>(List.of("sentence\tlabel"));
        while (lines.size() <= count) {
            StringBuilder sentence = new StringBuilder();
            int score = 0;
            for (int i = 3 + random.nextInt(9); i > 0; i--) {
                int word = random.nextInt(words);
                score += word < words / 4 ? 1 : word < words / 2 ? -1 : 0;
                sentence.append(names.get(word)).append(' ');
            }
            if (score != 0) {
                lines.add(sentence + "\t" + (score > 0 ? 1 : 0));
            }
        }
        return lines;
    }
}
