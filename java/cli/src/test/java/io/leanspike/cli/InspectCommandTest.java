package io.leanspike.cli;

import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class InspectCommandTest {
    @TempDir
    Path folder;

    @Test
    void everyMatrixIsShownWithItsBits() {
        Path model = BrokenModel.copy(folder.resolve("model")).folder();
        String said = Invocation.of("compress", "inspect", "--model", model).fine().out();
        assertTrue(said.contains("layer 1: T = 16, 2x64 heads, 512 neurons"), said);
        assertTrue(said.matches("(?s).*\nword_embeddings +30522x128 +8 .*"), said);
        assertTrue(said.matches("(?s).*\nlayer\\.1\\.output +128x512 +32 .*"), said);
    }

    @Test
    void whatTheSpikesCostIsWhatEvaluationSays() throws Exception {
        Path model = BrokenModel.copy(folder.resolve("model")).folder();
        Path json = folder.resolve("eval.json");
        Invocation.of("eval", "--model", model, "--limit", 10, "--json", json).fine();
        JsonObject evaluated = JsonParser.parseString(Files.readString(json)).getAsJsonObject();
        String said = Invocation.of("compress", "inspect", "--model", model, "--limit", 10).fine().out();
        String sops = Figures.count(evaluated.get("sops").getAsDouble() / 10);
        assertTrue(said.contains("(10 texts, %d tokens): %s SOPs".formatted(evaluated.get("tokens").getAsLong(), sops)), said);
        for (JsonElement population : evaluated.getAsJsonArray("populations")) {
            String name = population.getAsJsonObject().get("name").getAsString();
            String density = Figures.percent(population.getAsJsonObject().get("density").getAsDouble());
            assertTrue(said.matches("(?s).*\n%s +T = 16 .*density %s\n.*".formatted(name, density)), name + " in\n" + said);
        }
    }

    @Test
    void aModelWithoutATokenizerIsShownWithoutItsSpikes() throws Exception {
        Path model = BrokenModel.copy(folder.resolve("model")).folder();
        Files.delete(model.resolve("vocab.txt"));
        String said = Invocation.of("compress", "inspect", "--model", model).fine().out();
        assertTrue(said.contains("spikes: not counted: ") && said.contains("vocab.txt"), said);
        assertTrue(said.matches("(?s).*\nclassifier +2x128 .*"), said);
    }

    @Test
    void whatDiffersIsMarked() {
        Path model = BrokenModel.copy(folder.resolve("model")).folder();
        Path out = folder.resolve("out");
        Invocation.of("compress", "prune", "--model", model, "--out", out, "--neurons", 0.5).fine();
        String said = Invocation.of("compress", "diff", model, out).fine().out();
        for (String line : said.lines().toList()) {
            boolean differs = line.contains(".intermediate") || line.contains(".output ") || line.startsWith("bytes on disk")
                    || line.contains(" a sequence") || line.startsWith("layer ");
            assertTrue(line.endsWith("*") == differs, line);
        }
        assertTrue(said.contains("256x128"), said);
    }

    @Test
    void aFolderWithoutAModelIsRefused() {
        Invocation.of("compress", "inspect", "--model", folder.resolve("no")).refused("does not exist");
        Invocation.of("compress", "diff", folder).refused("DIR2");
    }
}
