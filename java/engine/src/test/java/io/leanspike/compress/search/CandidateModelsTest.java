package io.leanspike.compress.search;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.leanspike.ModelOptions;
import io.leanspike.SpikingModel;
import io.leanspike.backend.Backend;
import io.leanspike.backend.reference.ReferenceBackend;
import io.leanspike.compress.CompressedModel;
import io.leanspike.compress.EncoderBits;
import io.leanspike.compress.UnitImportance;
import io.leanspike.error.InvalidInputException;
import io.leanspike.eval.Evaluation;
import io.leanspike.model.Checkpoint;
import io.leanspike.model.CheckpointWriter.Existing;
import io.leanspike.model.NeuronSettings;
import io.leanspike.model.TinyCheckpoint;
import io.leanspike.text.GlueExample;
import io.leanspike.text.GlueTask;
import io.leanspike.text.TextInput;
import io.leanspike.text.Tokenizer;
import java.lang.foreign.Arena;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CandidateModelsTest {
    private static final Candidate COMPRESSED = new Candidate(List.of(
            new LayerChoice(0.5, 0.25, 0, 0.25, 3, Optional.of(EncoderBits.TERNARY)),
            new LayerChoice(0, 0, 0.5, 0.5, 2, Optional.of(EncoderBits.EIGHT))), 0.5, 1.25, true);
    private static final List<GlueExample> EXAMPLES = List.of(
            new GlueExample(2, TextInput.of("the film was great"), 1), new GlueExample(3, TextInput.of("a bad , bad plot"), 0),
            new GlueExample(4, TextInput.of("not awful"), 1));

    @TempDir
    Path folder;

    private Checkpoint source;
    private CandidateModels models;

    @BeforeEach
    void open() {
        source = Checkpoint.open(TinyCheckpoint.write(folder.resolve("model"), 1));
        models = new CandidateModels(source, source.weights().layers().stream().map(UnitImportance::magnitude).toList());
    }

    @AfterEach
    void close() {
        models.close();
        source.close();
    }

    private void write(Candidate candidate, Path target, Existing existing) {
        try (Arena arena = Arena.ofConfined()) {
            models.of(candidate, arena).write(source, target, existing);
        }
    }

    @Test
    void aWrittenCandidateDoesWhatItDidInMemory() {
        Path target = folder.resolve("made");
        write(COMPRESSED, target, Existing.REFUSE);
        try (Backend backend = new ReferenceBackend(1); Tokenizer tokenizer = Tokenizer.open(source.directory(), 32, 26);
                CandidateEvaluation evaluation = new CandidateEvaluation(models, backend, tokenizer, 2);
                SpikingModel made = SpikingModel.open(target, ModelOptions.DEFAULTS.withBackend("reference"))) {
            Outcome inMemory = evaluation.evaluate(COMPRESSED, TaskExamples.of(GlueTask.SST_2, EXAMPLES, tokenizer), false);
            Evaluation written = made.evaluate(GlueTask.SST_2, EXAMPLES);
            assertEquals(written.metrics(), inMemory.metrics());
            assertEquals(written.cost().synapticOperations(), inMemory.sops());
            assertEquals(written.cost().joules(), inMemory.joules());
            written.populations().forEach(population ->
                    assertEquals(population.density(), inMemory.densities().get(population.population().toString())));
        }
    }

    @Test
    void theWrittenConfigurationIsTheCandidates() {
        Path target = folder.resolve("made");
        write(COMPRESSED, target, Existing.REFUSE);
        try (Checkpoint made = Checkpoint.open(target)) {
            assertEquals(List.of(3, 2), made.config().spiking().timesteps());
            assertEquals(1.25, made.config().spiking().threshold());
            assertEquals(0.5, made.config().spiking().initialPotential());
            // Of 4 heads of 8 columns and 48 neurons.
            assertEquals(List.of(6, 6), made.config().layers().get(0).heads().keySizes());
            assertEquals(List.of(4, 4, 4, 4), made.config().layers().get(1).heads().valueSizes());
            assertEquals(36, made.config().layers().get(0).intermediate());
        }
    }

    @Test
    void populationsKeepTheirNeuronsAndFollowTheThreshold() {
        Path own = TinyCheckpoint.writeTo(folder.resolve("own"), TinyCheckpoint.DEFAULT.config().replace("\"leak\": 1.0",
                """
                "leak": 1.0, "initial_potential": 0.5, "populations": {"layer.1.key": {"threshold": 0.8, "initial_potential": 0.25}}"""),
                TinyCheckpoint.DEFAULT.tensors(1));
        try (Checkpoint calibrated = Checkpoint.open(own);
                CandidateModels of = new CandidateModels(calibrated,
                        calibrated.weights().layers().stream().map(UnitImportance::magnitude).toList());
                Arena arena = Arena.ofConfined()) {
            assertEquals(calibrated.config(), of.of(Candidate.uncompressed(calibrated.config()), arena).config());
            Path target = folder.resolve("made");
            of.of(COMPRESSED, arena).write(calibrated, target, Existing.REFUSE);
            try (Checkpoint made = Checkpoint.open(target)) {
                assertEquals(Map.of("layer.1.key", new NeuronSettings(1, 0.25)), made.config().spiking().populations());
            }
            Candidate elsewhere = new Candidate(COMPRESSED.layers(), 0.75, 1, false);
            assertEquals(Map.of("layer.1.key", new NeuronSettings(0.8, 0.75)), of.of(elsewhere, arena).config().spiking().populations());
        }
    }

    @Test
    void bytesAreThoseOfTheTensorsWritten() {
        for (Candidate candidate : List.of(COMPRESSED, Candidate.uncompressed(source.config()))) {
            Path target = folder.resolve("made");
            write(candidate, target, Files.exists(target) ? Existing.REPLACE : Existing.REFUSE);
            try (Arena arena = Arena.ofConfined(); Checkpoint made = Checkpoint.open(target)) {
                CompressedModel model = models.of(candidate, arena);
                long stored = made.tensors().names().stream().mapToLong(name -> made.tensors().tensor(name).data().byteSize()).sum();
                assertEquals(stored, model.bytes());
            }
        }
    }

    @Test
    void theUncompressedCandidateIsTheModelByteForByte() throws Exception {
        Path target = folder.resolve("made");
        write(Candidate.uncompressed(source.config()), target, Existing.REFUSE);
        assertArrayEquals(Files.readAllBytes(source.directory().resolve("model.safetensors")),
                Files.readAllBytes(target.resolve("model.safetensors")));
    }

    @Test
    void nothingIsOverwrittenUnlessAskedFor() throws Exception {
        Path target = folder.resolve("made");
        write(Candidate.uncompressed(source.config()), target, Existing.REFUSE);
        byte[] before = Files.readAllBytes(target.resolve("model.safetensors"));
        assertThrows(InvalidInputException.class, () -> write(COMPRESSED, target, Existing.REFUSE));
        assertArrayEquals(before, Files.readAllBytes(target.resolve("model.safetensors")));
    }

    /** A model's own timesteps, one number for all layers, or the same number for each are one and the same run. */
    @Test
    void aScheduleOfTheSameTimestepsEverywhereIsThePlainRun() {
        ModelOptions reference = ModelOptions.DEFAULTS.withBackend("reference");
        try (SpikingModel own = SpikingModel.open(source.directory(), reference);
                SpikingModel uniform = SpikingModel.open(source.directory(), reference.withTimesteps(4));
                SpikingModel each = SpikingModel.open(source.directory(), reference.withTimesteps(4, 4))) {
            for (GlueExample example : EXAMPLES) {
                double[] plain = own.classify(List.of(example.input())).getFirst().logits();
                assertArrayEquals(plain, uniform.classify(List.of(example.input())).getFirst().logits());
                assertArrayEquals(plain, each.classify(List.of(example.input())).getFirst().logits());
            }
        }
    }
}
