package io.leanspike.train.student;

import ai.djl.ndarray.NDManager;
import io.leanspike.backend.Population;
import io.leanspike.train.data.Texts;
import io.leanspike.train.nn.EncoderParameters;
import io.leanspike.train.pretrained.PretrainedEncoder;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Turns a BERT encoder into the weights of a spiking one that computes nearly the same function, but for the clamp to [0, 1].
 *
 * <p>Real values have signs, rates have not: a rate stands for {@code gain value + offset}, its mean at 1/2, and the next matrix
 * takes gain and offset back ({@code W' = W / gain}, {@code b' = b - W' offset}). This is exact through most of the encoder: softmax
 * ignores what all keys share; attention weights add up to 1 and pass a value's offset on; the branch takes on the residual's gains, and
 * its bias takes the residual's offset away. Two things are not exact: LayerNorm sees units in other proportions, as each has a gain of its
 * own, and GELU is scaled inside instead of outside; {@link UnitFits} makes up for both as well as a gain and a shift a unit can. A
 * classifier is converted where the source has one.
 */
public final class SpikingStart {
    /**
     * Where training starts.
     *
     * @param encoder the spiking encoder's weights
     * @param hidden how rates stand for the teacher's hidden states: of the embedding, then of each layer's output
     */
    public record Start(PretrainedEncoder encoder, List<RateScale> hidden) {}

    /**
     * How much of a value's distribution a rate covers.
     *
     * @param centred half the range of a rate, in standard deviations of the value
     * @param gelu value behind GELU that is rate 1, in root mean squares
     */
    public record Ranges(double centred, double gelu) {}

    private final PretrainedEncoder source;
    private final RateScales scales;
    private final UnitFits fits;
    private final Map<String, float[]> tensors = new HashMap<>();
    private final int hidden;
    private final int wide;

    private SpikingStart(PretrainedEncoder source, RateScales scales, UnitFits fits) {
        this.source = source;
        this.scales = scales;
        this.fits = fits;
        this.hidden = source.shape().hidden();
        this.wide = source.shape().intermediate();
    }

    /**
     * @param source the teacher's tensors
     * @param teacher the same tensors, to be run
     * @param texts calibration text
     * @param layers the teacher's layer that each layer of the student starts as
     * @param isNoisy whether LayerNorms are to be fitted to sums that have the noise of spikes
     */
    public static Start of(PretrainedEncoder source, NDManager manager, EncoderParameters teacher, Texts texts, List<Integer> layers,
            Ranges ranges, boolean isNoisy) {
        RateScales scales = new RateScales(ValueStatistics.measure(manager, teacher, texts), ranges);
        UnitFits fits = UnitFits.measure(source, manager, teacher, texts, scales, layers, isNoisy);
        return new SpikingStart(source, scales, fits).convert(layers);
    }

    private Start convert(List<Integer> layers) {
        for (String table : List.of("word", "position", "token_type")) {
            String name = "embeddings." + table + "_embeddings.weight";
            tensors.put(name, source.tensors().get(name));
        }
        RateScale scale = scales.of(Population.EMBEDDING);
        norm("embeddings.LayerNorm", scale, new UnitFits.Affine(
                doubles(source.tensor("embeddings.LayerNorm.weight", hidden)), doubles(source.tensor("embeddings.LayerNorm.bias", hidden))));
        List<RateScale> hiddenScales = new ArrayList<>(List.of(scale));
        for (int layer = 0; layer < layers.size(); layer++) {
            scale = layer(layers.get(layer), layer, scale);
            hiddenScales.add(scale);
        }
        if (source.has("classifier.weight")) {
            int outputs = source.tensors().get("classifier.bias").length;
            linear("classifier", "classifier", outputs, hidden, scale, RateScale.proportional(1, outputs));
        }
        PretrainedEncoder encoder = new PretrainedEncoder(
                source.source(), source.shape().withLayers(layers.size()), tensors, source.vocabulary());
        return new Start(encoder, hiddenScales);
    }

    /** @return how the layer's output stands for the teacher's */
    private RateScale layer(int from, int to, RateScale input) {
        String old = "encoder.layer." + from + ".";
        String fresh = "encoder.layer." + to + ".";
        RateScale key = scales.of(new Population(from, Population.Kind.KEY));
        double[] queryGains = Arrays.stream(key.gain()).map(gain -> 1 / gain).toArray();
        linear(old + "attention.self.query", fresh + "attention.self.query", hidden, hidden, input,
                new RateScale(queryGains, new double[hidden]));
        linear(old + "attention.self.key", fresh + "attention.self.key", hidden, hidden, input, key);

        RateScale value = scales.ofValues(from);
        linear(old + "attention.self.value", fresh + "attention.self.value", hidden, hidden, input, value);

        Population attended = new Population(from, Population.Kind.ATTENTION_OUTPUT);
        RateScale middle = scales.of(attended);
        branch(old + "attention.output.dense", fresh + "attention.output.dense", hidden, value, input);
        norm(fresh + "attention.output.LayerNorm", middle, fits.of(attended));

        linear(old + "intermediate.dense", fresh + "intermediate.dense", wide, hidden, middle,
                new RateScale(scales.geluFactors(from), new double[wide]));
        RateScale wideRates = RateScale.of(fits.of(new Population(from, Population.Kind.INTERMEDIATE)));
        branch(old + "output.dense", fresh + "output.dense", wide, wideRates, middle);

        Population made = new Population(from, Population.Kind.OUTPUT);
        RateScale output = scales.of(made);
        norm(fresh + "output.LayerNorm", output, fits.of(made));
        return output;
    }

    /** {@code out.gain (W x + b) + out.offset} of rates {@code in.gain x + in.offset}. */
    private void linear(String old, String fresh, int outputs, int inputs, RateScale in, RateScale out) {
        float[] weight = source.tensor(old + ".weight", outputs * inputs);
        float[] bias = source.tensor(old + ".bias", outputs);
        float[] newWeight = new float[weight.length];
        float[] newBias = new float[outputs];
        for (int r = 0; r < outputs; r++) {
            double carried = 0;
            for (int c = 0; c < inputs; c++) {
                double w = out.gain()[r] * weight[r * inputs + c] / in.gain()[c];
                newWeight[r * inputs + c] = (float) w;
                carried += w * in.offset()[c];
            }
            newBias[r] = (float) (out.gain()[r] * bias[r] + out.offset()[r] - carried);
        }
        tensors.put(fresh + ".weight", newWeight);
        tensors.put(fresh + ".bias", newBias);
    }

    /** A product that a residual is added to: it takes on the residual's gain and takes its offset away. */
    private void branch(String old, String fresh, int inputs, RateScale in, RateScale residual) {
        double[] minus = new double[hidden];
        for (int i = 0; i < hidden; i++) {
            minus[i] = -residual.offset()[i];
        }
        linear(old, fresh, hidden, inputs, in, new RateScale(residual.gain(), minus));
    }

    private void norm(String fresh, RateScale out, UnitFits.Affine values) {
        float[] gain = new float[hidden];
        float[] shift = new float[hidden];
        for (int i = 0; i < hidden; i++) {
            gain[i] = (float) (values.gain()[i] * out.gain()[i]);
            shift[i] = (float) (values.shift()[i] * out.gain()[i] + out.offset()[i]);
        }
        tensors.put(fresh + ".weight", gain);
        tensors.put(fresh + ".bias", shift);
    }

    private static double[] doubles(float[] values) {
        double[] wide = new double[values.length];
        for (int i = 0; i < wide.length; i++) {
            wide[i] = values[i];
        }
        return wide;
    }
}
