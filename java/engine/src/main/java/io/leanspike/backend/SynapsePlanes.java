package io.leanspike.backend;

import io.leanspike.account.FanOut;
import io.leanspike.tensor.SpikeTensor;

/**
 * A fan-out as synapse_count reads it: unit j has {@code least} live weights and as many more as the bits of column j say, plane p being
 * worth 2^p.
 *
 * @param words [words(width), count]
 * @param count planes
 */
public record SynapsePlanes(long[] words, int width, int count, int least) {

    /** @param group the number of planes is a multiple of it */
    public static SynapsePlanes of(FanOut fanOut, int group) {
        int width = fanOut.live().length;
        int least = fanOut.least();
        int bits = Integer.SIZE - Integer.numberOfLeadingZeros(fanOut.most() - least);
        int count = Math.max(group, (bits + group - 1) / group * group);
        long[] words = new long[SpikeTensor.wordsPerStep(width) * count];
        for (int j = 0; j < width; j++) {
            int more = fanOut.live()[j] - least;
            for (int p = 0; p < bits; p++) {
                words[j / 64 * count + p] |= (long) (more >> p & 1) << j % 64;
            }
        }
        return new SynapsePlanes(words, width, count, least);
    }

    /** [count, words(width)] */
    public long[] byPlane() {
        long[] turned = new long[words.length];
        int perPlane = words.length / count;
        for (int i = 0; i < turned.length; i++) {
            turned[i] = words[i % perPlane * count + i / perPlane];
        }
        return turned;
    }
}
