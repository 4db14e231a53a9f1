package io.leanspike.backend.cuda;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import io.leanspike.backend.KernelCall;
import io.leanspike.backend.LoadedModel.Retention;
import io.leanspike.backend.RandomModel.Shape;
import io.leanspike.backend.RandomModel;
import io.leanspike.backend.TokenBatch;
import io.leanspike.model.EncoderWeights;
import io.leanspike.model.ModelConfig;
import io.leanspike.schedule.BatchShape;
import io.leanspike.schedule.CostModel;
import io.leanspike.schedule.Mode;
import io.leanspike.schedule.Planner;
import io.leanspike.schedule.SpikeDensities;
import io.leanspike.schedule.TimestepSchedule;
import java.io.IOException;
import java.io.InputStream;
import java.lang.foreign.Arena;
import java.nio.charset.StandardCharsets;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/** No driver can check the size of the structure a kernel is given: its PTX says what it takes. */
class KernelArgumentsTest {
    @Test
    void everyLaunchOfAForwardPassGivesAsManyBytesAsItsKernelTakes() throws IOException {
        Optional<String> absence = CudaDriver.absence(true);
        assumeTrue(absence.isEmpty(), () -> "skipped: " + absence.orElseThrow());
        Set<String> launched = new HashSet<>();
        // T = 1, 2 and more have kernels of their own, and so have silent populations.
        for (int timesteps : new int[] {1, 2, 5}) {
            for (double density : new double[] {0.5, 0}) {
                for (PreparedLaunch launch : launches(new Shape(256, 4, 512, timesteps, 7, 3), density)) {
                    assertEquals(parameterBytes(launch.entry()), launch.arguments().size(), launch.entry());
                    launched.add(launch.entry().replaceFirst("^([a-z]+_[a-z]+)_.*", "$1"));
                }
            }
        }
        assertEquals(Set.of("spike_encode", "spike_matmul", "spike_gather", "spiking_attention", "norm_membrane", "spike_count", "synapse_count",
                "classifier_head"), launched);
    }

    private static List<PreparedLaunch> launches(Shape shape, double density) {
        ModelConfig config = RandomModel.config(shape, 2, 1, 1, 0);
        TokenBatch batch = RandomModel.batch(shape, 1, false);
        try (Arena arena = Arena.ofShared();
                CudaBackend backend = new CudaBackend(List.of(0), true);
                CudaDevice device = new CudaDevice(0, true)) {
            EncoderWeights weights = RandomModel.weights(config, 1, arena);
            try (DeviceModel model = DeviceModel.load(device, config, weights)) {
                CudaWorkspace workspace = model.borrow();
                BatchInputs inputs = BatchInputs.upload(batch, config, workspace);
                RunBuffers buffers = new RunBuffers(workspace, Retention.POPULATIONS, batch.rows(), batch.sequences());
                Planner planner = new Planner(config, weights, new TimestepSchedule(config.spiking().timesteps()), Mode.SPIKING, 0,
                        CostModel.DEFAULT, new SpikeDensities(Map.of(), density), backend);
                List<KernelCall> calls = planner.plan(BatchShape.of(batch)).calls();
                buffers.count(CudaRun.counted(calls));
                List<Step> steps = new LaunchBuilder(model, buffers, inputs).build(calls);
                model.giveBack(workspace);
                return steps.stream().filter(PreparedLaunch.class::isInstance).map(PreparedLaunch.class::cast).toList();
            }
        }
    }

    private static int parameterBytes(String entry) throws IOException {
        JsonObject entries = JsonParser.parseString(resource("kernels.json")).getAsJsonObject().getAsJsonObject("entries");
        String ptx = resource(entries.getAsJsonObject(entry).get("module").getAsString() + ".ptx");
        Matcher parameter = Pattern.compile("\\.entry " + entry + "\\(\\s*\\.param \\.align 8 \\.b8 \\w+\\[(\\d+)]\\s*\\)").matcher(ptx);
        assertTrue(parameter.find(), entry);
        return Integer.parseInt(parameter.group(1));
    }

    private static String resource(String name) throws IOException {
        try (InputStream in = KernelImages.class.getResourceAsStream("/io/leanspike/cuda/" + name)) {
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        }
    }
}
