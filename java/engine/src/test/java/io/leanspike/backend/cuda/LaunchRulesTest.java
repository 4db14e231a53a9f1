package io.leanspike.backend.cuda;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import io.leanspike.backend.GpuAttention;
import io.leanspike.backend.MatmulGeometry;
import io.leanspike.backend.WeightKind;
import io.leanspike.model.AttentionHeads;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The kernels say how they are to be launched, in the file that is packed with them, and so does this package: both say the same. */
class LaunchRulesTest {
    private JsonObject all;

    @BeforeEach
    void needsTheKernels() throws IOException {
        try (InputStream in = KernelImages.class.getResourceAsStream("/io/leanspike/cuda/kernels.json")) {
            assumeTrue(in != null, "skipped: this build has no CUDA kernels");
            all = JsonParser.parseString(new String(in.readAllBytes(), StandardCharsets.UTF_8)).getAsJsonObject();
        }
    }

    private int rule(String kernel, String name) {
        return all.getAsJsonObject(kernel).get(name).getAsInt();
    }

    private List<Integer> rules(String kernel, String name) {
        return all.getAsJsonObject(kernel).getAsJsonArray(name).asList().stream().map(JsonElement::getAsInt).toList();
    }

    @Test
    void weightsArePackedInStagesOfTheSameSizes() {
        for (WeightKind kind : WeightKind.values()) {
            JsonObject rules = all.getAsJsonObject("weights").getAsJsonObject(kind.toString());
            MatmulGeometry geometry = MatmulGeometry.of(kind);
            assertEquals(rules.get("stage_inputs").getAsInt(), Long.SIZE * geometry.stageWords(), kind + " inputs of a stage");
            assertEquals(rules.get("stage_bytes").getAsInt(), geometry.stageBytes(), kind + " bytes of a stage");
            assertEquals(rules.get("slice_bytes").getAsInt(), geometry.sliceBytes(), kind + " bytes of a slice");
        }
        assertEquals(WeightKind.values().length, all.getAsJsonObject("weights").size());
    }

    @Test
    void blocksOfTilesHaveTheSameOutputsStagesAndThreads() {
        assertEquals(rule("tile", "outputs"), MatmulGeometry.TILE_OUTPUTS);
        assertEquals(rule("tile", "stages"), MatmulGeometry.STAGES);
        assertEquals(rule("tile", "folded_rows_per_two_warps"), MatmulGeometry.PAIR_ROWS);
        assertEquals(rule("tile", "most_threads"), 64 * MatmulGeometry.MOST_PAIRS);
    }

    @Test
    void blocksOfWholeRowsHaveTheSameRowsOutputsAndTimesteps() {
        assertEquals(rule("rows", "outputs_per_warp"), MatmulGeometry.TILE_OUTPUTS);
        assertEquals(rule("rows", "turned_bytes_per_warp"), MatmulGeometry.TURNED_BYTES);
        assertEquals(rules("rows", "steps"),
                IntStream.iterate(1, steps -> steps <= MatmulGeometry.MOST_ROW_STEPS, steps -> 2 * steps).boxed().toList());
        for (int rows : new int[] {MatmulGeometry.SMALL_ROWS, MatmulGeometry.LARGE_ROWS}) {
            assertEquals(all.getAsJsonObject("rows").getAsJsonObject("m" + rows).get("most_outputs").getAsInt(),
                    MatmulGeometry.widestRow(rows), "outputs beside " + rows + " rows");
        }
    }

    @Test
    void aLayerNormAndGatheringHaveTheSameThreads() {
        assertEquals(rule("norm_membrane", "most_threads"), 32 * MatmulLaunch.NORM_WARPS);
        assertEquals(rule("gather", "outputs_per_thread"), MatmulLaunch.OUTPUTS_PER_THREAD);
        assertEquals(rule("gather", "most_threads_membrane"), MatmulLaunch.MOST_GATHERING_THREADS);
        assertEquals(rule("gather", "most_threads_norm"), MatmulLaunch.WIDEST_GATHERED_ROW / MatmulLaunch.OUTPUTS_PER_THREAD);
    }

    @Test
    void slicesOfCountsHaveTheSameThreadsWordsAndRounds() {
        assertEquals(rule("spike_count_totals", "threads"), CountSlices.COUNTING_THREADS);
        assertEquals(rule("spike_count_totals", "words_per_thread"), CountSlices.COUNTED_WORDS);
        assertEquals(rule("spike_count_totals", "most_rounds"), CountSlices.MOST_ROUNDS);
        assertEquals(rule("synapse_count", "threads"), CountSlices.WEIGHING_THREADS);
        assertEquals(rule("synapse_count", "timesteps_per_thread"), CountSlices.WEIGHED_STEPS);
        assertEquals(rule("synapse_count", "most_rounds"), CountSlices.MOST_ROUNDS);
    }

    @Test
    void attentionHasTheSameTokensColumnsAndThreads() {
        assertEquals(rule("attention", "tokens_per_warp"), GpuAttention.WARP_TOKENS);
        List<Integer> columns = rules("attention", "head_columns");
        assertEquals(columns.getLast(), CudaBackend.WIDEST_HEAD);
        int widestNarrower = 0;
        for (int i = 0; i < columns.size(); i++) {
            for (int width : new int[] {widestNarrower + 1, columns.get(i)}) {
                assertEquals(columns.get(i), GpuAttention.headColumns(AttentionHeads.uniform(1, width)), "heads of " + width);
            }
            assertEquals(rules("attention", "most_threads").get(i), 32 * GpuAttention.mostWarps(columns.get(i)));
            widestNarrower = columns.get(i);
        }
    }
}
