package io.leanspike.bench;

/**
 * How much is measured.
 *
 * @param warmUps rounds that are run first and forgotten
 * @param rounds samples of each contender
 * @param sampleSeconds least time of a sample of a single product
 * @param roofSize rows, inputs and outputs of the square product that stands for the machine's limit
 */
public record Effort(int warmUps, int rounds, double sampleSeconds, int roofSize) {

    public Sgemm roof(int threads) {
        return new Sgemm(roofSize, roofSize, roofSize, threads);
    }
}
