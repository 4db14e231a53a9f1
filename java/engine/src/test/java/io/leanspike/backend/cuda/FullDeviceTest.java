package io.leanspike.backend.cuda;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.leanspike.BackendSelection;
import io.leanspike.ModelOptions;
import io.leanspike.SharedData;
import io.leanspike.SpikingModel;
import io.leanspike.backend.DeviceMemoryException;
import io.leanspike.eval.Evaluation;
import io.leanspike.schedule.SpikeDensities;
import io.leanspike.text.GlueExample;
import io.leanspike.text.GlueReader;
import io.leanspike.text.GlueTask;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import jcuda.driver.JCudaDriver;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** A device whose memory is nearly taken by something else. */
class FullDeviceTest {
    private static final int SENTENCES = 8;
    /** So that batches of all sizes run the same kernels, and weights are packed in one form only. */
    private static final SpikeDensities DENSE = new SpikeDensities(Map.of(), 1);

    private List<GlueExample> sentences;

    @BeforeEach
    void readSentences() {
        Optional<String> absence = CudaDriver.absence(true);
        assumeTrue(absence.isEmpty(), () -> "skipped: " + absence.orElseThrow());
        List<GlueExample> dev = GlueReader.read(GlueTask.SST_2, GlueTask.SST_2.file(SharedData.directory("data/glue"), "dev"));
        // Of like lengths, so that half of them need half the memory.
        sentences = dev.stream().sorted(Comparator.comparingInt(example -> -example.input().text().length())).limit(SENTENCES).toList();
    }

    @Test
    void aBatchThatDoesNotFitIsHalvedAndSaidSoAndAnswersAreTheSame() {
        Evaluation roomy;
        long needed;
        try (SpikingModel model = open()) {
            packWeights(model);
            long before = freeBytes();
            roomy = model.evaluate(GlueTask.SST_2, sentences);
            needed = before - freeBytes();
        }
        assertEquals(List.of(), roomy.notices());
        try (SpikingModel model = open()) {
            packWeights(model);
            try (DeviceMemory taken = new DeviceMemory(freeBytes() - needed * 3 / 4)) {
                Evaluation tight = model.evaluate(GlueTask.SST_2, sentences);
                assertEquals(List.of("8 sequences do not fit the device's memory; running them as two batches"), tight.notices());
                for (int i = 0; i < SENTENCES; i++) {
                    assertArrayEquals(roomy.predictions().get(i).logits(), tight.predictions().get(i).logits(), "sentence " + i);
                }
                assertEquals(roomy.cost().synapticOperations(), tight.cost().synapticOperations());
            }
        }
    }

    @Test
    void aSentenceThatDoesNotFitAloneIsOneClearErrorAndTheModelServesOn() {
        try (SpikingModel model = open()) {
            packWeights(model);
            List<GlueExample> longest = sentences.subList(0, 1);
            DeviceMemoryException full;
            try (DeviceMemory taken = new DeviceMemory(freeBytes())) {
                full = assertThrows(DeviceMemoryException.class, () -> model.evaluate(GlueTask.SST_2, longest));
            }
            assertTrue(full.getMessage()
                    .matches("a sequence of \\d+ tokens does not fit the device's memory even alone: cuMemAlloc failed for "
                    + "\\d+ bytes: CUDA_ERROR_OUT_OF_MEMORY .* \\d+ of \\d+ are free.*"), full.getMessage());
            assertEquals(1, model.evaluate(GlueTask.SST_2, longest).predictions().size());
        }
    }

    @Test
    void aModelThatDoesNotFitIsOneClearErrorAndLeavesNothingBehind() {
        try (CudaDevice device = new CudaDevice(0, true)) {
            device.makeCurrent();
            long before = freeBytes();
            try (DeviceMemory taken = new DeviceMemory(before - 10_000)) {
                assertThrows(DeviceMemoryException.class, FullDeviceTest::open);
            }
            device.makeCurrent();
            assertEquals(before, freeBytes());
        }
    }

    private static SpikingModel open() {
        return SpikingModel.open(SharedData.directory("models/sst2-tiny"), ModelOptions.DEFAULTS.withBackend("cuda")
                .withDevice(BackendSelection.SOFTWARE).withTimesteps(2).withBatchSize(SENTENCES).withDensities(DENSE));
    }

    /** They go onto the device when a plan first asks for them. */
    private static void packWeights(SpikingModel model) {
        assertEquals(2, model.classify("good").logits().length);
    }

    private static long freeBytes() {
        try (CudaDevice device = new CudaDevice(0, true)) {
            device.makeCurrent();
            long[] free = new long[1];
            DriverCall.check(JCudaDriver.cuMemGetInfo(free, new long[1]), "cuMemGetInfo");
            return free[0];
        }
    }
}
