package io.leanspike.model;

import static io.leanspike.model.Refusal.assertRefused;
import static org.junit.jupiter.api.Assertions.assertEquals;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** spiking.layers of config.json. */
class PrunedShapesTest {
    private static final String LAYER = "{\"key_sizes\": [3, 8], \"value_sizes\": [1, 2], \"intermediate_size\": 5}";

    @TempDir
    private Path folder;

    private ModelConfig read(String layers) throws Exception {
        String config = TinyCheckpoint.DEFAULT.config().replace("\"leak\": 1.0", "\"leak\": 1.0, \"layers\": " + layers);
        return ModelConfigReader.read(Files.writeString(folder.resolve("config.json"), config));
    }

    @Test
    void everyLayerHasItsOwnSizes() throws Exception {
        ModelConfig config = read("[" + LAYER + ", " + LAYER.replace("5", "48") + "]");
        LayerShape first = config.layers().getFirst();
        assertEquals(new AttentionHeads(List.of(3, 8), List.of(1, 2), 1 / Math.sqrt(8)), first.heads());
        assertEquals(5, first.intermediate());
        assertEquals(48, config.layers().getLast().intermediate());
    }

    @Test
    void withoutThemNothingIsPruned() throws Exception {
        ModelConfig config = ModelConfigReader.read(Files.writeString(folder.resolve("config.json"), TinyCheckpoint.DEFAULT.config()));
        assertEquals(List.of(8, 8, 8, 8), config.layers().getFirst().heads().keySizes());
        assertEquals(48, config.layers().getFirst().intermediate());
    }

    @Test
    void sizesThatCannotBeAreRefusedWithTheirPlace() {
        assertRefused(() -> read("[" + LAYER + "]"), "spiking.layers", "has 1 entries", "is 2");
        assertRefused(() -> read("[" + LAYER + ", 3]"), "spiking.layers[1]", "JSON object");
        assertRefused(() -> read("7"), "spiking.layers", "instead of a list");
        assertRefused(() -> read("[" + LAYER + ", " + LAYER.replace("[3, 8]", "[3, 9]") + "]"), "layers[1].key_sizes", "9");
        assertRefused(() -> read("[" + LAYER + ", " + LAYER.replace("[3, 8]", "[3]") + "]"), "layers[1].key_sizes", "1 heads");
        assertRefused(() -> read("[" + LAYER + ", " + LAYER.replace("5", "0") + "]"), "layers[1].intermediate_size", "0");
        assertRefused(() -> read("[" + LAYER + ", " + LAYER.replace("intermediate_size", "other") + "]"), "layers[1].intermediate_size",
                "missing");
    }
}
