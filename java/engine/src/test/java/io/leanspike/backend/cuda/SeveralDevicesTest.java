package io.leanspike.backend.cuda;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.leanspike.SharedData;
import io.leanspike.text.GlueTask;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** One replica of the model on each device, batches shared out among them. */
class SeveralDevicesTest {
    @Test
    void batchesAreSharedOutAndLogitsAreThoseOfOneDevice() {
        Optional<String> absence = CudaDriver.absence(true);
        assumeTrue(absence.isEmpty(), () -> "skipped: " + absence.orElseThrow());
        List<String> one = evaluate(1);
        List<String> three = evaluate(3);
        assertEquals(12, logits(one).size());
        assertEquals(logits(one), logits(three));
        // 12 sentences are 6 batches of 2.
        assertEquals(List.of("heads 6"), heads(one));
        assertEquals(List.of("heads 2", "heads 2", "heads 2"), heads(three));
    }

    private static List<String> evaluate(int devices) {
        JavaProcess process = JavaProcess.run(SharedOutEvaluation.class, Map.of("LEANSPIKE_SOFTGPU_DEVICES", Integer.toString(devices)),
                JavaProcess.classPath(), SharedData.directory("models/sst2-tiny").toString(),
                GlueTask.SST_2.file(SharedData.directory("data/glue"), "dev").toString(), "12", "2");
        assertEquals(0, process.exitCode(), () -> String.join("\n", process.lines()));
        return process.lines();
    }

    private static List<String> logits(List<String> lines) {
        return lines.stream().filter(line -> line.startsWith("logits ")).toList();
    }

    private static List<String> heads(List<String> lines) {
        return lines.stream().filter(line -> line.startsWith("heads ")).toList();
    }
}
