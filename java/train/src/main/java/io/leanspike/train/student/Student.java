package io.leanspike.train.student;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import io.leanspike.model.Safetensors;
import io.leanspike.train.nn.Activations;
import io.leanspike.train.nn.EncoderParameters;
import io.leanspike.train.nn.Parameter;
import io.leanspike.train.nn.TensorFile;
import io.leanspike.train.nn.TokenTensors;
import io.leanspike.train.nn.Trained;
import io.leanspike.train.nn.WordTable;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;

/** A spiking student in training: its parameters, its fits to a teacher's hidden states, and what other trainings start from. */
public final class Student implements Trained {
    /** Parts that a student of another kind of training may lack; they stay as they were. */
    private static final List<String> OPTIONAL = List.of("fit.", "classifier.");

    private final StudentSettings settings;
    private final EncoderParameters encoder;
    private final List<HiddenFit> fits = new ArrayList<>();
    private final List<String> vocabulary;

    /** @param start what it starts as @param outputs logits of its classifier; 0 for none */
    public Student(NDManager manager, StudentSettings settings, SpikingStart.Start start, int outputs, long seed) {
        this.settings = settings;
        vocabulary = start.encoder().vocabulary();
        encoder = new EncoderParameters(
                manager, start.encoder(), IntStream.range(0, settings.layers().size()).boxed().toList(), outputs, seed);
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

    LayerLoss layerLoss() {
        return new LayerLoss(settings, fits);
    }

    /** The forward pass with these codings, one a layer. */
    StudentForward forward(List<Coding> codings) {
        return new StudentForward(encoder, codings, settings.bits());
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
        return state;
    }

    /** Writes the float32 weights that another training may start from, into {@code training/} of a folder. */
    void saveWeights(Path folder) {
        TensorFile.write(weightsFile(folder), values(), Map.of());
    }

    /**
     * Starts as the best student of another training, general or on a task.
     *
     * @throws io.leanspike.error.InvalidInputException when the folder has none of this shape
     */
    public void startAs(Path folder) {
        try (Safetensors file = Safetensors.open(weightsFile(folder))) {
            Map<String, NDArray> known = values();
            known.keySet().removeIf(name -> OPTIONAL.stream().anyMatch(name::startsWith) && file.find(name).isEmpty());
            TensorFile.read(file, known);
        }
    }

    private static Path weightsFile(Path folder) {
        return folder.resolve("training").resolve("best.safetensors");
    }

    private Map<String, NDArray> values() {
        Map<String, NDArray> values = new LinkedHashMap<>();
        parameters().forEach(parameter -> values.put(parameter.name(), parameter.value()));
        values.put("embeddings.word_embeddings.weight", words().value());
        return values;
    }
}
