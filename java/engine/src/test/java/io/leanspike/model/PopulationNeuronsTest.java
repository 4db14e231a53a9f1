package io.leanspike.model;

import static io.leanspike.model.Refusal.assertRefused;
import static org.junit.jupiter.api.Assertions.assertEquals;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** spiking.populations of config.json. */
class PopulationNeuronsTest {
    @TempDir
    private Path folder;

    private SpikingConfig read(String populations) throws Exception {
        String config = TinyCheckpoint.DEFAULT.config().replace("\"leak\": 1.0", "\"leak\": 1.0, \"populations\": " + populations);
        return ModelConfigReader.read(Files.writeString(folder.resolve("config.json"), config)).spiking();
    }

    @Test
    void aPopulationMayHaveNeuronsOfItsOwn() throws Exception {
        SpikingConfig spiking = read("""
                {"layer.1.attention_output": {"threshold": 0.75, "initial_potential": 0.25}, "embedding": {"threshold": 2},
                 "layer.0.key": {"initial_potential": 0.5}}""");
        assertEquals(new NeuronSettings(0.75, 0.25), spiking.neurons("layer.1.attention_output"));
        assertEquals(new NeuronSettings(2, spiking.initialPotential()), spiking.neurons("embedding"));
        assertEquals(new NeuronSettings(spiking.threshold(), 0.5), spiking.neurons("layer.0.key"));
        assertEquals(new NeuronSettings(spiking.threshold(), spiking.initialPotential()), spiking.neurons("layer.1.key"));
        assertEquals(new NeuronSettings(0.75, 0.9), spiking.withInitialPotential(0.9).neurons("layer.1.attention_output"));
    }

    @Test
    void theyAreReadAsTheyWereWritten() throws Exception {
        Map<String, NeuronSettings> neurons = Map.of("layer.0.value", new NeuronSettings(0.8, 0.625), "embedding",
                new NeuronSettings(1.25, 0));
        assertEquals(neurons, read(PopulationNeurons.json(neurons).toString()).populations());
    }

    @Test
    void whatCannotBeIsRefusedWithItsPlace() {
        assertRefused(() -> read("[]"), "spiking.populations", "instead of a JSON object");
        assertRefused(() -> read("{\"layer.2.key\": {}}"), "spiking.populations.layer.2.key", "2 layers");
        assertRefused(() -> read("{\"layer.0.query\": {}}"), "spiking.populations.layer.0.query", "not a population");
        assertRefused(() -> read("{\"layer.0.key\": 1}"), "spiking.populations.layer.0.key", "JSON object");
        assertRefused(() -> read("{\"layer.0.key\": {\"threshold\": 0}}"), "layer.0.key.threshold", "above 0");
        assertRefused(() -> read("{\"layer.0.key\": {\"initial_potential\": 1}}"), "layer.0.key.initial_potential", "below 1");
    }
}
