package io.leanspike.backend;

import java.util.Locale;

/**
 * A variant of spike_matmul on a GPU, spelled {@code f32_t4}, {@code split_f32_t4} or {@code gather_f32_t4} in plans.
 *
 * @param steps timesteps that a chunk holds on chip; a product of more takes several chunks, the membranes carried
 */
public record GpuMatmul(Form form, WeightKind kind, int steps) {
    /** How a kernel goes through the product. */
    public enum Form {
        /** spike_matmul: every weight meets every token, on tensor cores. */
        TENSOR(""),
        /** The same where a LayerNorm follows, the rows spread over blocks: spike_matmul writes real currents, norm_membrane goes on from them. */
        SPLIT("split_"),
        /** spike_gather_matmul: the weights of inputs that spike are gathered and added. */
        GATHER("gather_");

        private final String prefix;

        Form(String prefix) {
            this.prefix = prefix;
        }
    }

    /** From its text form. @throws IllegalArgumentException when it is none */
    public static GpuMatmul parse(String text) {
        Form form = text.startsWith(Form.GATHER.prefix) ? Form.GATHER : text.startsWith(Form.SPLIT.prefix) ? Form.SPLIT : Form.TENSOR;
        String rest = text.substring(form.prefix.length());
        int cut = rest.indexOf("_t");
        if (cut < 0) {
            throw new IllegalArgumentException("no variant of spike_matmul is called " + text);
        }
        return new GpuMatmul(form, WeightKind.valueOf(rest.substring(0, cut).toUpperCase(Locale.ROOT)),
                Integer.parseInt(rest.substring(cut + 2)));
    }

    @Override
    public String toString() {
        return form.prefix + kind + "_t" + steps;
    }
}
