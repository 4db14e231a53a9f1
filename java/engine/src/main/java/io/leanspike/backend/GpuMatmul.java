package io.leanspike.backend;

/**
 * A variant of spike_matmul on a GPU, spelled {@code f32_t4} in plans.
 *
 * @param steps timesteps that a chunk holds on chip; a product of more takes several chunks, the membranes carried
 */
public record GpuMatmul(WeightKind kind, int steps) {

    /** From its text form. @throws IllegalArgumentException when it is none */
    public static GpuMatmul parse(String text) {
        int cut = text.indexOf("_t");
        if (cut < 0) {
            throw new IllegalArgumentException("no variant of spike_matmul is called " + text);
        }
        return new GpuMatmul(WeightKind.valueOf(text.substring(0, cut).toUpperCase(java.util.Locale.ROOT)),
                Integer.parseInt(text.substring(cut + 2)));
    }

    @Override
    public String toString() {
        return kind + "_t" + steps;
    }
}
