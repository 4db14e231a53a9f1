package io.leanspike.train.student;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import io.leanspike.compress.KeptUnits;
import io.leanspike.compress.LayerKeep;
import io.leanspike.error.InvalidInputException;
import io.leanspike.model.Checkpoint;
import io.leanspike.model.ModelConfig;
import io.leanspike.model.Safetensors;
import io.leanspike.model.SpikingConfig;
import io.leanspike.train.nn.EncoderParameters;
import io.leanspike.train.nn.Leaves;
import io.leanspike.train.nn.Parameter;
import io.leanspike.train.nn.TensorFile;
import io.leanspike.train.nn.TokenTensors;
import io.leanspike.train.nn.Trained;
import io.leanspike.train.nn.WordTable;
import io.leanspike.train.pretrained.EncoderShape;
import io.leanspike.train.prune.GradualPruning;
import io.leanspike.train.prune.LayerMasks;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.UnaryOperator;
import java.util.stream.IntStream;

/** A spiking student in training: its parameters, its fits to a teacher's hidden states, and what other trainings start from. */
public final class Student implements Trained {
    /** Names of the masks' tensors start with it; a student that has lost no units may lack them. */
    private static final String MASKS = "mask.";

    /** What belongs to the task or to the teacher, by what its tensors' names start with. */
    private static final List<Own> OWN =
            List.of(new Own("classifier.", "the classifier"), new Own("fit.", "the maps to the teacher's hidden states"));

    private record Own(String prefix, String words) {
        boolean has(String tensor) {
            return tensor.startsWith(prefix);
        }
    }

    private final StudentSettings settings;
    private final EncoderParameters encoder;
    private final List<HiddenFit> fits = new ArrayList<>();
    private final List<LayerMasks> masks;
    private final List<String> vocabulary;

    /**
     * @param start what it starts as
     * @param outputs logits of its classifier; 0 for none
     * @param isMasked whether units may be gone; all are there at first
     */
    public Student(NDManager manager, StudentSettings settings, SpikingStart.Start start, int outputs, long seed, boolean isMasked) {
        this.settings = settings;
        vocabulary = start.encoder().vocabulary();
        encoder = new EncoderParameters(
                manager, start.encoder(), IntStream.range(0, settings.layers().size()).boxed().toList(), outputs, seed);
        masks = isMasked ? LayerMasks.all(manager, encoder.shape()) : List.of();
        if (settings.weights().hidden() > 0) {
            for (int i = 0; i < start.hidden().size(); i++) {
                fits.add(HiddenFit.of(manager, Integer.toString(i), start.hidden().get(i)));
            }
        }
    }

    StudentSettings settings() {
        return settings;
    }

    EncoderParameters encoder() {
        return encoder;
    }

    List<String> vocabulary() {
        return vocabulary;
    }

    /** One a layer, or none where nothing may be gone. */
    public List<LayerMasks> masks() {
        return masks;
    }

    /** Norms of the quantised weights that make and read context columns and intermediate neurons, layer by layer. */
    List<GradualPruning.Norms> unitNorms() {
        int hidden = encoder.shape().hidden();
        return encoder.layers().stream().map(layer -> {
            NDArray values = quantised(layer.projection()).get(2 * hidden + ":");
            return new GradualPruning.Norms(norms(values, 1), norms(quantised(layer.attentionOutput()), 0),
                    norms(quantised(layer.intermediate()), 1), norms(quantised(layer.output()), 0));
        }).toList();
    }

    private NDArray quantised(Parameter weight) {
        return settings.bits().quantised(weight.value().stopGradient());
    }

    private static NDArray norms(NDArray matrix, int along) {
        return matrix.square().sum(new int[] {along}).sqrt();
    }

    /** As the engine reads the student before any unit is gone. */
    public ModelConfig config() {
        EncoderShape shape = encoder.shape();
        return new ModelConfig(shape.vocabulary(), shape.hidden(), shape.heads(), shape.intermediate(), shape.layers(), shape.positions(),
                shape.types(), shape.normEps(), List.of(),
                new SpikingConfig(settings.timesteps().timesteps(), 1, 1, settings.initialPotential()));
    }

    /** Adds what a forward pass reads: matrices and tables as they are quantised in the end, fits and masks as they are. */
    Leaves addTo(Leaves leaves) {
        return addTo(leaves, 1);
    }

    /** The same with matrices on the way there. @param hardness 0: as they are, 1: quantised */
    Leaves addTo(Leaves leaves, double hardness) {
        encoder.addTo(leaves, ByteRows::of, weight -> settings.bits().quantised(weight, hardness));
        for (HiddenFit fit : fits) {
            fit.all().forEach(parameter -> leaves.add(parameter.value(), UnaryOperator.identity()));
        }
        for (LayerMasks layer : masks) {
            layer.chosen().forEach(mask -> leaves.add(mask.kept(), UnaryOperator.identity()));
        }
        return leaves;
    }

    /** The batch's words as they are quantised. */
    WordTable.Rows rows(TokenTensors batch) {
        return words().rows(batch.distinct(), ByteRows::of);
    }

    LayerLoss layerLoss(Leaves leaves) {
        return new LayerLoss(settings, leaves, fits, masks);
    }

    /** The forward pass with these codings, one a layer. */
    StudentForward forward(Leaves leaves, List<Coding> codings) {
        return new StudentForward(encoder, leaves, codings, masks);
    }

    @Override
    public List<Parameter> parameters() {
        List<Parameter> all = new ArrayList<>(encoder.parameters());
        fits.forEach(fit -> all.addAll(fit.all()));
        return all;
    }

    @Override
    public WordTable words() {
        return encoder.words();
    }

    @Override
    public Map<String, NDArray> state() {
        Map<String, NDArray> state = encoder.state();
        for (HiddenFit fit : fits) {
            for (Parameter parameter : fit.all()) {
                parameter.addTo(state);
            }
        }
        masks.forEach(layer -> layer.addTo(state));
        return state;
    }

    /** Writes the float32 weights that another training may start from, into {@code training/} of a folder. */
    void saveWeights(Path folder) {
        TensorFile.write(weightsFile(folder), values(), Map.of());
    }

    /**
     * Starts as the best student of another training, general or on a task, whose encoder has this one's shape.
     *
     * @return what that student lacks or has for other outputs or another width, in words; it stays as it was made of the teacher
     * @throws InvalidInputException when the folder has no student, or one of another shape
     */
    public List<String> startAs(Path folder) {
        try (Safetensors file = Safetensors.open(weightsFile(folder))) {
            checkLayers(folder, file);
            Map<String, NDArray> known = values();
            known.keySet().removeIf(name -> name.startsWith(MASKS) && file.find(name).isEmpty());
            // A part is taken whole or not at all.
            List<Own> fresh = OWN.stream().filter(part -> known.entrySet().stream().anyMatch(
                    tensor -> part.has(tensor.getKey()) && !TensorFile.fits(file, tensor.getKey(), tensor.getValue()))).toList();
            known.keySet().removeIf(name -> fresh.stream().anyMatch(part -> part.has(name)));
            TensorFile.read(file, known);
            return fresh.stream().map(Own::words).toList();
        }
    }

    private void checkLayers(Path folder, Safetensors file) {
        long layers = file.names().stream().filter(name -> name.matches("encoder\\.layer\\.\\d+\\.output\\.dense\\.bias")).count();
        if (layers != encoder.shape().layers()) {
            throw new InvalidInputException("%s has a student of %d layers, this one has %d: --layers says how many".formatted(
                    folder, layers, encoder.shape().layers()));
        }
    }

    /**
     * Silences what a checkpoint lacks that was pruned from this student, or from the one it started as.
     *
     * @throws InvalidInputException when that checkpoint is of another student, or does not say which units it has
     */
    public void keepAsIn(Path folder) {
        try (Checkpoint pruned = Checkpoint.open(folder)) {
            ModelConfig of = pruned.config();
            EncoderShape shape = encoder.shape();
            if (of.hiddenLayers() != shape.layers() || of.hiddenSize() != shape.hidden() || of.attentionHeads() != shape.heads()
                    || of.intermediateSize() != shape.intermediate()) {
                throw new InvalidInputException(
                        "%s was pruned from %d layers of width %d, %d heads and %d neurons, not from this student: %s".formatted(
                                folder, of.hiddenLayers(), of.hiddenSize(), of.attentionHeads(), of.intermediateSize(), shape));
            }
            List<LayerKeep> keeps = KeptUnits.of(pruned).orElseThrow(() -> new InvalidInputException(
                    "%s does not say which units it has left: prune it again with this version".formatted(folder)));
            for (int layer = 0; layer < keeps.size(); layer++) {
                if (!masks.get(layer).has(keeps.get(layer))) {
                    throw new InvalidInputException(
                            "%s has units in layer %d that the student in --start has lost: it was pruned from another".formatted(
                                    folder, layer));
                }
                masks.get(layer).keepWithKeys(keeps.get(layer));
            }
        }
    }

    /** Whether units of the student of another training are gone. */
    public static boolean isPruned(Path folder) {
        try (Safetensors file = Safetensors.open(weightsFile(folder))) {
            return file.names().stream().anyMatch(name -> name.startsWith(LayerMasks.prefix(0)));
        }
    }

    private static Path weightsFile(Path folder) {
        return folder.resolve("training").resolve("best.safetensors");
    }

    private Map<String, NDArray> values() {
        Map<String, NDArray> values = new LinkedHashMap<>();
        parameters().forEach(parameter -> values.put(parameter.name(), parameter.value()));
        values.put("embeddings.word_embeddings.weight", words().value());
        masks.forEach(layer -> layer.addKeptTo(values));
        return values;
    }
}
