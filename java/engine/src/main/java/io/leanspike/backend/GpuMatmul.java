package io.leanspike.backend;

import java.util.Locale;

/**
 * A variant of spike_matmul on a GPU, spelled {@code f32_t4} or {@code gather_f32_t4} in plans.
 *
 * @param steps timesteps that a chunk holds on chip; a product of more takes several chunks, the membranes carried
 */
public record GpuMatmul(Form form, WeightKind kind, int steps) {
    private static final String GATHER = "gather_";

    /** How a kernel goes through the product. */
    public enum Form {
        /** spike_matmul: every weight meets every token, on tensor cores. */
        TENSOR,
        /** spike_gather_matmul: the weights of inputs that spike are gathered and added. */
        GATHER
    }

    /** From its text form. @throws IllegalArgumentException when it is none */
    public static GpuMatmul parse(String text) {
        Form form = text.startsWith(GATHER) ? Form.GATHER : Form.TENSOR;
        String rest = form == Form.GATHER ? text.substring(GATHER.length()) : text;
        int cut = rest.indexOf("_t");
        if (cut < 0) {
            throw new IllegalArgumentException("no variant of spike_matmul is called " + text);
        }
        return new GpuMatmul(form, WeightKind.valueOf(rest.substring(0, cut).toUpperCase(Locale.ROOT)),
                Integer.parseInt(rest.substring(cut + 2)));
    }

    @Override
    public String toString() {
        return (form == Form.GATHER ? GATHER : "") + kind + "_t" + steps;
    }
}
