package io.leanspike.schedule;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.leanspike.backend.Epilogue;
import io.leanspike.backend.GpuMatmul;
import io.leanspike.backend.GpuMatmul.Form;
import io.leanspike.backend.GpuProperties;
import io.leanspike.backend.KernelChoice;
import io.leanspike.backend.MatmulGeometry;
import io.leanspike.backend.RandomModel;
import io.leanspike.backend.WeightKind;
import io.leanspike.model.LinearWeights;
import io.leanspike.tensor.DenseMatrix;
import io.leanspike.tensor.ElementType;
import io.leanspike.tensor.WeightMatrix;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class GpuCostsTest {
    private static final GpuProperties A100 = new GpuProperties(80, 108, 163 * 1024);
    private static final GpuProperties B200 = new GpuProperties(100, 148, 227 * 1024);
    private static final GpuProperties ADA = new GpuProperties(89, 128, 99 * 1024);

    private static KernelChoice choice(GpuProperties gpu, Epilogue epilogue, WeightMatrix weights, int rows, int timesteps,
            double density) {
        return new GpuCosts(gpu).matmul(epilogue, List.of(new LinearWeights(weights, new float[weights.rows()])), rows, timesteps, density);
    }

    private static GpuMatmul variant(KernelChoice choice) {
        return GpuMatmul.parse(choice.variant());
    }

    private static KernelChoice ofTernary(int outputs, int inputs, int rows, int timesteps) {
        return ofTernary(A100, Epilogue.NORM_MEMBRANE, outputs, inputs, rows, timesteps);
    }

    private static KernelChoice ofTernary(GpuProperties gpu, Epilogue epilogue, int outputs, int inputs, int rows, int timesteps) {
        try (Arena arena = Arena.ofConfined()) {
            WeightMatrix weights = RandomModel.ternary(outputs, inputs, 1, new SplittableRandom(1), arena);
            return choice(gpu, epilogue, weights, rows, timesteps, 0.9);
        }
    }

    private static DenseMatrix dense(int outputs, int inputs) {
        return new DenseMatrix(MemorySegment.ofArray(new float[outputs * inputs]), ElementType.F32, outputs, inputs);
    }

    @Test
    void weightsAreGatheredJustBelowTheCrossoverAndNotJustAboveWhateverTheBatch() {
        DenseMatrix weights = dense(768, 3072);
        double crossover = new GatherCrossover(A100, WeightKind.F32, GpuCosts.MANY_ROWS, 4, 3072, 768).density();
        assertTrue(crossover > 0 && crossover < 1, String.valueOf(crossover));
        for (int rows : new int[] {1, 16, 128, 4096}) {
            assertEquals(Form.GATHER, variant(choice(A100, Epilogue.NORM_MEMBRANE, weights, rows, 4, 0.99 * crossover)).form());
            assertEquals(Form.SPLIT, variant(choice(A100, Epilogue.NORM_MEMBRANE, weights, rows, 4, 1.01 * crossover)).form());
        }
    }

    @Test
    void aBlockTakesNoMoreSharedMemoryThanTheDeviceGivesIt() {
        GpuProperties small = new GpuProperties(120, 170, 99 * 1024);
        for (int inputs : new int[] {768, 1024, 2048}) {
            GpuMatmul variant = variant(choice(small, Epilogue.GELU_MEMBRANE, dense(4096, inputs), 4096, 4, 1));
            int tokens = choice(small, Epilogue.GELU_MEMBRANE, dense(4096, inputs), 4096, 4, 1).tileRows();
            int bytes = MatmulGeometry.of(variant.kind()).tileSharedBytes(inputs, tokens, variant.steps());
            assertTrue(bytes <= small.sharedBytesPerBlock(), bytes + " bytes for " + tokens + " tokens of " + inputs + " inputs");
        }
    }

    @Test
    void aTileMostlyOfPaddingRaisesTheCrossover() {
        double one = new GatherCrossover(A100, WeightKind.F32, 1, 4, 768, 3072).density();
        double many = new GatherCrossover(A100, WeightKind.F32, 8192, 4, 768, 3072).density();
        assertTrue(one > many, one + " for one token, " + many + " for many");
    }

    @Test
    void cheaperWeightsLowerTheCrossover() {
        double f32 = new GatherCrossover(A100, WeightKind.F32, 8192, 4, 768, 3072).density();
        double binary = new GatherCrossover(A100, WeightKind.BINARY, 8192, 4, 768, 3072).density();
        assertTrue(binary < f32, binary + " for 1-bit, " + f32 + " for float32");
    }

    @Test
    void typicalDensitiesStayOnTensorCores() {
        KernelChoice choice = choice(A100, Epilogue.MEMBRANE, dense(768, 768), 128, 16, SpikeDensities.TYPICAL.otherwise());
        assertEquals(new GpuMatmul(Form.TENSOR, WeightKind.F32, 4), variant(choice));
    }

    @Test
    void theReasonNamesDensityAndCrossover() {
        KernelChoice choice = choice(A100, Epilogue.MEMBRANE, dense(768, 768), 128, 4, 0.0001);
        assertEquals(Form.GATHER, variant(choice).form());
        assertTrue(choice.reason().toString().contains("0.010% of the inputs spike"), choice.reason().toString());
    }

    @Test
    void oneBitWeightsBecomeBytesWhereOneBitTensorCoresAreGone() {
        try (Arena arena = Arena.ofConfined()) {
            WeightMatrix ternary = RandomModel.ternary(64, 64, 1, new SplittableRandom(1), arena);
            assertEquals(WeightKind.TERNARY, variant(choice(A100, Epilogue.MEMBRANE, ternary, 128, 4, 0.2)).kind());
            assertEquals(WeightKind.I8, variant(choice(B200, Epilogue.MEMBRANE, ternary, 128, 4, 0.2)).kind());
        }
    }

    @Test
    void fewTokensOfManyTimestepsPassOverTheWeightsOnce() {
        for (int timesteps : new int[] {1, 2, 3, 4, 8, 16}) {
            for (WeightKind kind : List.of(WeightKind.TERNARY, WeightKind.BINARY)) {
                RowBlocks cut = RowBlocks.of(A100, kind, 128, timesteps, 3072, 768).orElseThrow();
                assertEquals(1, cut.passes(), kind + " T = " + timesteps + ": " + cut);
                assertTrue(cut.steps() >= timesteps && cut.blocks() <= A100.multiprocessors(), cut.toString());
            }
        }
        RowBlocks cut = RowBlocks.of(A100, WeightKind.TERNARY, 128, 16, 3072, 768).orElseThrow();
        assertEquals(2, cut.tokens());
        assertEquals(64, cut.blocks());
    }

    @Test
    void aBatchThatFillsTheDeviceTakesLargeBlocks() {
        for (int timesteps : new int[] {1, 2, 4, 16, 128}) {
            RowBlocks cut = RowBlocks.of(A100, WeightKind.TERNARY, 8192, timesteps, 3072, 768).orElseThrow();
            assertEquals(32, cut.tokens() * cut.steps());
        }
        KernelChoice wide = ofTernary(1024, 64, 8192, 16);
        assertEquals(16, variant(wide).steps() * wide.tileRows());
    }

    @Test
    void potentialsAreCarriedOnlyWhereTheyFitOnChip() {
        for (int rows : new int[] {1, 50, 128, 1000, 8192}) {
            for (int timesteps : new int[] {1, 2, 3, 5, 9, 16, 17, 33, 128}) {
                RowBlocks cut = RowBlocks.of(A100, WeightKind.TERNARY, rows, timesteps, 768, 768).orElseThrow();
                assertTrue(timesteps <= cut.steps() || cut.steps() >= 4, rows + " rows, T = " + timesteps + ": " + cut);
                assertTrue(cut.steps() <= 16 && Integer.bitCount(cut.steps()) == 1, cut.toString());
                assertTrue(cut.tokens() * cut.blocks() >= rows && cut.tokens() * (cut.blocks() - 1) < rows, cut.toString());
            }
        }
    }

    @Test
    void theReasonNamesTheCutOfWholeRows() {
        KernelChoice choice = ofTernary(768, 3072, 128, 16);
        String reason = choice.reason().toString();
        assertTrue(reason.contains("2 x 16 of T = 16: 64 blocks for 108 multiprocessors, one pass over the weights"), reason);
    }

    @Test
    void rowsTooWideForABlockAreSplit() {
        assertEquals(Form.TENSOR, variant(ofTernary(1024, 64, 128, 4)).form());
        assertEquals(Form.SPLIT, variant(ofTernary(1280, 64, 128, 4)).form());
    }

    @Test
    void aSplitProductTakesEveryTimestepOfATokenAsARow() {
        KernelChoice choice = choice(A100, Epilogue.NORM_MEMBRANE, dense(768, 3072), 2048, 4, 0.9);
        assertEquals(new GpuMatmul(Form.SPLIT, WeightKind.F32, 1), variant(choice));
        assertEquals(128, choice.tileRows());
        assertEquals("a row for each of 4 timesteps: 768 blocks for 108 multiprocessors; LayerNorm and membrane in a launch of their own",
                choice.reason().toString());
    }

    /** Of T beyond 16 potentials are carried in shared memory, whose 99 KB wide inputs leave little of. */
    @Test
    void wholeRowsTakeNoMoreSharedMemoryThanTheDeviceGivesThem() {
        for (WeightKind kind : List.of(WeightKind.TERNARY, WeightKind.BINARY)) {
            for (int outputs : new int[] {64, 768, 832, 1024}) {
                for (int inputs : new int[] {768, 3072, 5248, 6400, 7424, 8192, 12288}) {
                    for (int timesteps : new int[] {1, 2, 4, 5, 16, 17, 33, 128}) {
                        for (int rows : new int[] {1, 128, 8192}) {
                            RowBlocks cut = RowBlocks.of(ADA, kind, rows, timesteps, inputs, outputs).orElseThrow();
                            int bytes = MatmulGeometry.of(kind).rowsSharedBytes(inputs, outputs, cut.tokens(), cut.steps(), timesteps);
                            assertTrue(bytes <= ADA.sharedBytesPerBlock(), "%d outputs, %d inputs, T = %d: %d bytes for %s"
                                    .formatted(outputs, inputs, timesteps, bytes, cut));
                        }
                    }
                }
            }
        }
    }

    /** Split or not, sums round differently: a sequence's result must not depend on its batch. */
    @Test
    void whetherAProductIsSplitDoesNotDependOnTheBatch() {
        for (int outputs : new int[] {512, 768, 1024, 1088}) {
            for (int inputs : new int[] {768, 6400, 16384}) {
                try (Arena arena = Arena.ofConfined()) {
                    WeightMatrix weights = RandomModel.ternary(outputs, inputs, 1, new SplittableRandom(1), arena);
                    for (int sharedKilobytes : new int[] {48, 64, 99, 163}) {
                        GpuProperties gpu = new GpuProperties(80, 108, sharedKilobytes * 1024);
                        for (int timesteps : new int[] {1, 4, 33}) {
                            assertEquals(1, IntStream.of(1, 50, 8192)
                                            .mapToObj(rows -> choice(gpu, Epilogue.NORM_MEMBRANE, weights, rows, timesteps, 0.9))
                                            .map(choice -> variant(choice).form())
                                            .distinct().count(),
                                    "%d KB, %d outputs, %d inputs, T = %d".formatted(sharedKilobytes, outputs, inputs, timesteps));
                        }
                    }
                }
            }
        }
        GpuProperties small = new GpuProperties(80, 108, 64 * 1024);
        assertEquals(Form.TENSOR, variant(ofTernary(small, Epilogue.NORM_MEMBRANE, 768, 768, 128, 4)).form());
        assertEquals(Form.SPLIT, variant(ofTernary(small, Epilogue.NORM_MEMBRANE, 1024, 768, 128, 4)).form());
    }

    @Test
    void ofManyTokensABlockGoesThroughSeveralTilesAndTheReasonCountsBlocksNotTiles() {
        KernelChoice many = ofTernary(A100, Epilogue.MEMBRANE, 3072, 768, 65536, 4);
        assertEquals(4, variant(many).tilesOfBlock());
        assertEquals("%d blocks for 108 multiprocessors, 4 of T = 4 on chip".formatted(65536 / 32 * (3072 / 64 / 4)),
                many.reason().toString());
        assertEquals(1, variant(ofTernary(A100, Epilogue.MEMBRANE, 3072, 768, 128, 4)).tilesOfBlock());
    }

    @Test
    void tilesShareSpikesOnlyOfOneBitWeightsAndWhereAChunkHoldsAllTimesteps() {
        assertEquals(1, variant(ofTernary(A100, Epilogue.MEMBRANE, 3072, 768, 65536, 5)).tilesOfBlock());
        assertEquals(1, variant(choice(A100, Epilogue.MEMBRANE, dense(3072, 768), 65536, 4, 0.9)).tilesOfBlock());
        // Split, each timestep is a row: a chunk holds all of it.
        assertEquals(new GpuMatmul(Form.SPLIT, WeightKind.TERNARY, 1, 4), variant(ofTernary(1280, 64, 65536, 16)));
    }

    @Test
    void aVariantIsReadAsItIsWritten() {
        for (Form form : Form.values()) {
            for (WeightKind kind : WeightKind.values()) {
                GpuMatmul variant = new GpuMatmul(form, kind, 2);
                assertEquals(variant, GpuMatmul.parse(variant.toString()));
            }
        }
        GpuMatmul ofThreeTiles = new GpuMatmul(Form.SPLIT, WeightKind.BINARY, 1, 3);
        assertEquals("split_binary_t1_x3", ofThreeTiles.toString());
        assertEquals(ofThreeTiles, GpuMatmul.parse("split_binary_t1_x3"));
    }

    @Test
    void aVariantThatNoKernelHasIsRefused() {
        for (String text : List.of("", "f32", "f32_t", "f32_t0", "f64_t4", "f32_t4_x2", "gather_ternary_t4_x2", "ternary_t4_x0", "f32_t4 ",
                "scatter_f32_t4")) {
            assertThrows(IllegalArgumentException.class, () -> GpuMatmul.parse(text), text);
        }
    }
}
