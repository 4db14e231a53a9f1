package io.leanspike.bench.gpu;

import com.google.gson.JsonObject;
import io.leanspike.BackendSelection;
import io.leanspike.backend.Backend;
import io.leanspike.backend.KernelCall;
import io.leanspike.backend.LoadedModel;
import io.leanspike.backend.Population;
import io.leanspike.backend.WeightKind;
import io.leanspike.backend.cuda.CudaProbe;
import io.leanspike.backend.cuda.LaunchShape;
import io.leanspike.backend.cuda.SoftwareCounters;
import io.leanspike.bench.Density;
import io.leanspike.bench.JsonLines;
import io.leanspike.bench.Machine;
import io.leanspike.bench.ModelShape;
import io.leanspike.bench.OperationRun;
import io.leanspike.bench.Sizes;
import io.leanspike.bench.SyntheticBatch;
import io.leanspike.bench.SyntheticModel;
import io.leanspike.error.InvalidInputException;
import java.io.PrintStream;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.stream.IntStream;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/**
 * Executes every CUDA kernel on the software GPU and reports what it counted. The counts are exact and the same on every machine, so
 * nothing here depends on how busy this one is.
 */
@Command(name = "kernels", mixinStandardHelpOptions = true, sortOptions = false, showDefaultValues = true,
        description = "Executes every CUDA kernel on the software GPU: instructions, lanes, conflicts, bytes, and the time they predict.")
public final class BenchKernels implements Callable<Integer> {
    @Option(names = "--backend", defaultValue = "cuda", description = "cuda, the only one whose kernels are counted")
    private String backendName;

    @Option(names = "--device", defaultValue = "soft", description = "soft, the only device that counts")
    private String device;

    @Option(names = "--shape", defaultValue = "SPIKINGBERT_4", description = "encoder layer: ${COMPLETION-CANDIDATES}")
    private ModelShape shape;

    @Option(names = "--length", defaultValue = "128", description = "tokens of a sequence")
    private int length;

    @Option(names = "--sequences", defaultValue = "1", description = "sequences of the batch")
    private int sequences;

    @Option(names = "--timesteps", split = ",", defaultValue = "4,16", description = "T")
    private List<Integer> timesteps;

    @Option(names = "--densities", split = ",", defaultValue = "FIVE_PERCENT,TWENTY_PERCENT,FIFTY_PERCENT",
            description = "share of the units that spike: ${COMPLETION-CANDIDATES}")
    private List<Density> densities;

    @Option(names = "--weights", split = ",", defaultValue = "F32,F16,I8,TERNARY,BINARY", description = "of ${COMPLETION-CANDIDATES}")
    private List<WeightKind> kinds;

    @Option(names = "--json", description = "add a JSON line for each kernel to this file")
    private Optional<Path> json;

    private final PrintStream out;

    public BenchKernels(PrintStream out) {
        this.out = out;
    }

    @Override
    public Integer call() {
        if (!backendName.equals("cuda") || !device.equals(BackendSelection.SOFTWARE)) {
            throw new InvalidInputException("only the software GPU counts: --backend cuda --device soft; 'bench gpu' measures on a GPU");
        }
        Sizes.atLeast(1, Map.of("--timesteps", timesteps, "--length", List.of(length), "--sequences", List.of(sequences)));
        json.ifPresent(JsonLines::new);
        KernelNeeds needs = KernelNeeds.read();
        SyntheticBatch batch = new SyntheticBatch(sequences, length);
        List<CountedKernel> counted = new ArrayList<>();
        int launches = 0;
        try (Backend backend = BackendSelection.open("cuda", BackendSelection.SOFTWARE, 1).backend()) {
            out.printf("%s, %d x %d tokens, counted on %s. No GPU has run these kernels for this table.%n", shape, sequences, length,
                    backend.device());
            for (WeightKind kind : kinds) {
                try (SyntheticModel model = new SyntheticModel(shape.layers(1, timesteps.getFirst()), kind);
                        LoadedModel loaded = backend.load(model.config(), model.weights())) {
                    for (int t : timesteps) {
                        List<CountedKernel> ofKind = new ArrayList<>();
                        for (Density density : densities) {
                            try (OperationRun run = new OperationRun(backend, model, loaded, batch, t, density)) {
                                List<GpuOperation> operations = new ArrayList<>(GpuOperation.products(run, kind));
                                if (kind == kinds.getFirst()) {
                                    operations.addAll(GpuOperation.others(run, model.config(), t));
                                }
                                for (GpuOperation operation : operations) {
                                    count(operation, kind, run, t, density, batch, model, needs).forEach(kernel -> merge(ofKind, kernel));
                                }
                                launches = Math.max(launches, launchesOfLayer(run));
                            }
                        }
                        counted.addAll(ofKind);
                        System.err.printf("%s weights, T = %d: %d kernels counted%n", kind, t, ofKind.size());
                    }
                }
            }
            out.println();
            out.println(CountedKernel.TABLE_HEAD.formatted("sm_80 90 100 120"));
            counted.forEach(kernel -> out.println(kernel.tableRow()));
            out.println();
            Aims.lines(counted, launches).forEach(out::println);
            json.ifPresent(file -> append(file, backend.device(), counted));
        }
        return 0;
    }

    private List<CountedKernel> count(GpuOperation operation, WeightKind kind, OperationRun run, int t, Density density, SyntheticBatch batch,
            SyntheticModel model, KernelNeeds needs) {
        try (CudaProbe probe = new CudaProbe(run.run())) {
            List<LaunchShape> launches = probe.launches(List.of(operation.call()));
            SoftwareCounters.start();
            probe.milliseconds(List.of(operation.call()), false);
            Map<String, KernelCounters> counters = KernelCounters.parse(SoftwareCounters.json());
            List<Double> least = new LeastBytes(model.config(), batch).ofLaunches(operation.call());
            KernelCall first = operation.call().parts().getFirst();
            boolean weighs = first instanceof KernelCall.SpikeMatmul || first instanceof KernelCall.SynapseCount;
            return IntStream.range(0, launches.size()).mapToObj(i -> new CountedKernel(operation, weighs ? kind.toString() : "-", t,
                    List.of(density.of(Population.Kind.KEY)), launches.get(i), counters.get(launches.get(i).entry()), least.get(i),
                    needs.of(launches.get(i).entry()))).toList();
        }
    }

    private static void merge(List<CountedKernel> all, CountedKernel kernel) {
        for (int i = 0; i < all.size(); i++) {
            if (all.get(i).countsLike(kernel)) {
                all.set(i, all.get(i).with(kernel));
                return;
            }
        }
        all.add(kernel);
    }

    /**
     * Of the plan: everything but the first launch, which encodes, the last, which classifies, and synapse_count, which only models with
     * weights of 0 need.
     */
    private static int launchesOfLayer(OperationRun run) {
        try (CudaProbe probe = new CudaProbe(run.run())) {
            return probe.launches(run.plan().calls().stream().filter(call -> !(call.parts().getFirst() instanceof KernelCall.SynapseCount)).toList())
                    .size() - 2;
        }
    }

    private void append(Path file, String deviceName, List<CountedKernel> counted) {
        JsonLines lines = new JsonLines(file);
        for (CountedKernel kernel : counted) {
            JsonObject line = JsonLines.line("leanspike.kernels/1", Machine.here());
            line.addProperty("device", deviceName);
            line.addProperty("shape", shape.toString());
            line.addProperty("sequences", sequences);
            line.addProperty("length", length);
            kernel.toJson().entrySet().forEach(entry -> line.add(entry.getKey(), entry.getValue()));
            lines.append(line);
        }
    }
}
