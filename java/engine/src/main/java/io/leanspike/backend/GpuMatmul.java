package io.leanspike.backend;

import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A variant of spike_matmul on a GPU, spelled {@code f32_t4}, {@code split_f32_t1} or {@code gather_f32_t4} in plans, and
 * {@code ternary_t4_x3} where a block goes through three tiles.
 *
 * @param steps timesteps that a chunk holds on chip; a product of more takes several chunks, the membranes carried. 1 where split: without
 *     membranes a token at a timestep is a row like any other
 * @param tilesOfBlock tiles of 64 outputs that a block goes through with the spikes it has loaded; more than 1 with one-bit weights only
 */
public record GpuMatmul(Form form, WeightKind kind, int steps, int tilesOfBlock) {
    private static final Pattern SPELLING = Pattern.compile("(split_|gather_|)([a-z0-9]+)_t([0-9]{1,4})(?:_x([0-9]{1,4}))?");

    /** How a kernel goes through the product. */
    public enum Form {
        /** spike_matmul: every weight meets every token, on tensor cores. */
        TENSOR(""),
        /**
         * The same where a LayerNorm follows, the rows spread over blocks: spike_matmul writes real currents, norm_membrane goes on from
         * them.
         */
        SPLIT("split_"),
        /** spike_gather_matmul: the weights of inputs that spike are gathered and added. */
        GATHER("gather_");

        private final String prefix;

        Form(String prefix) {
            this.prefix = prefix;
        }

        private static Form of(String prefix) {
            return prefix.equals(SPLIT.prefix) ? SPLIT : prefix.equals(GATHER.prefix) ? GATHER : TENSOR;
        }
    }

    /** @throws IllegalArgumentException when no kernel is like that */
    public GpuMatmul {
        if (steps < 1 || tilesOfBlock < 1 || tilesOfBlock > 1 && (form == Form.GATHER || !kind.isLowBit())) {
            throw new IllegalArgumentException("no blocks of spike_matmul with %s weights take %d timesteps and %d tiles"
                    .formatted(kind, steps, tilesOfBlock));
        }
    }

    /** A tile a block. */
    public GpuMatmul(Form form, WeightKind kind, int steps) {
        this(form, kind, steps, 1);
    }

    /** From its text form. @throws IllegalArgumentException when it is none */
    public static GpuMatmul parse(String text) {
        Matcher parts = SPELLING.matcher(text);
        if (!parts.matches()) {
            throw new IllegalArgumentException("no variant of spike_matmul is called " + text);
        }
        return new GpuMatmul(Form.of(parts.group(1)), WeightKind.valueOf(parts.group(2).toUpperCase(Locale.ROOT)),
                Integer.parseInt(parts.group(3)), parts.group(4) == null ? 1 : Integer.parseInt(parts.group(4)));
    }

    @Override
    public String toString() {
        return form.prefix + kind + "_t" + steps + (tilesOfBlock == 1 ? "" : "_x" + tilesOfBlock);
    }
}
