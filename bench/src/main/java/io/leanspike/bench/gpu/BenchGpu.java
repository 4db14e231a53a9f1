package io.leanspike.bench.gpu;

import com.google.gson.JsonObject;
import io.leanspike.BackendSelection;
import io.leanspike.backend.Backend;
import io.leanspike.backend.LoadedModel;
import io.leanspike.backend.Population;
import io.leanspike.backend.WeightKind;
import io.leanspike.backend.cuda.CudaDriver;
import io.leanspike.backend.cuda.CudaProbe;
import io.leanspike.backend.cuda.LaunchShape;
import io.leanspike.backend.reference.ReferenceBackend;
import io.leanspike.backend.reference.ReferenceRun;
import io.leanspike.bench.Density;
import io.leanspike.bench.JsonLines;
import io.leanspike.bench.Machine;
import io.leanspike.bench.ModelShape;
import io.leanspike.bench.OperationRun;
import io.leanspike.bench.Sizes;
import io.leanspike.bench.Spread;
import io.leanspike.bench.SyntheticBatch;
import io.leanspike.bench.SyntheticModel;
import io.leanspike.bench.gpu.CuBlas.Precision;
import io.leanspike.error.InvalidInputException;
import java.io.PrintStream;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/**
 * Everything that only a GPU can tell, in one command: first every kernel against the oracle, then the device's ceilings, every kernel's
 * time, and whole forward passes beside cuBLAS's dense ones. A kernel that disagrees with the oracle ends it with exit code 1.
 */
@Command(name = "gpu", mixinStandardHelpOptions = true, sortOptions = false, showDefaultValues = true,
        description = "On a GPU: checks every kernel against the oracle, then times kernels and forward passes beside cuBLAS.")
public final class BenchGpu implements Callable<Integer> {
    private static final int LAYERS = 4;

    @Option(names = "--device", defaultValue = "0", description = "number of the GPU; soft rehearses on the software GPU, whose times mean nothing")
    private String device;

    @Option(names = "--shape", defaultValue = "SPIKINGBERT_4", description = "encoder layers: ${COMPLETION-CANDIDATES}")
    private ModelShape shape;

    @Option(names = "--length", defaultValue = "128", description = "tokens of a sequence")
    private int length;

    @Option(names = "--batches", split = ",", defaultValue = "1,32", description = "sequences of a forward pass")
    private List<Integer> batches;

    @Option(names = "--timesteps", split = ",", defaultValue = "1,2,4,16", description = "T")
    private List<Integer> timesteps;

    @Option(names = "--weights", split = ",", defaultValue = "F32,F16,I8,TERNARY,BINARY", description = "of ${COMPLETION-CANDIDATES}")
    private List<WeightKind> kinds;

    @Option(names = "--checked-length", defaultValue = "24", description = "tokens of a sequence when checking: the oracle is slow")
    private int checkedLength;

    @Option(names = "--warm-ups", defaultValue = "5", description = "measurements that are made first and forgotten")
    private int warmUps;

    @Option(names = "--samples", defaultValue = "30", description = "measurements of each figure")
    private int samples;

    @Option(names = "--ceiling-size", defaultValue = "8192", description = "rows and columns of the dense product that is the ceiling")
    private int ceilingSize;

    @Option(names = "--json", description = "add JSON lines to this file; on a GPU bench/results/gpu.jsonl unless given")
    private Optional<Path> json;

    private final PrintStream out;
    private Optional<JsonLines> record = Optional.empty();
    private int recorded;

    public BenchGpu(PrintStream out) {
        this.out = out;
    }

    @Override
    public Integer call() {
        Sizes.atLeast(1, Map.of("--samples", List.of(samples), "--ceiling-size", List.of(ceilingSize), "--checked-length",
                List.of(checkedLength)));
        Sizes.atLeast(0, Map.of("--warm-ups", List.of(warmUps)));
        boolean software = device.equals(BackendSelection.SOFTWARE);
        Optional<Path> file = json.or(() -> software ? Optional.empty() : Optional.of(Path.of("bench", "results", "gpu.jsonl")));
        record = file.map(JsonLines::new);
        CudaDriver.absence(software).ifPresent(why -> {
            throw new InvalidInputException("this benchmark needs a GPU: " + why);
        });
        try (Backend backend = BackendSelection.open("cuda", device, 1).backend()) {
            out.println(backend.device() + (software ? ": a rehearsal; its times mean nothing" : ""));
            boolean agrees = check(backend);
            if (agrees) {
                measure(backend, software);
            } else {
                out.println("Nothing is timed: a kernel that is wrong has no speed.");
            }
            file.ifPresent(path -> out.printf("%d lines added to %s%n", recorded, path));
            return agrees ? 0 : 1;
        }
    }

    private boolean check(Backend backend) {
        out.printf("%nChecked against the oracle: every launch, %s, 2 x %d tokens%n", shape, checkedLength);
        SyntheticBatch batch = new SyntheticBatch(2, checkedLength);
        boolean all = true;
        try (Backend oracle = new ReferenceBackend(Runtime.getRuntime().availableProcessors())) {
            for (WeightKind kind : kinds) {
                try (SyntheticModel model = new SyntheticModel(shape.layers(1, timesteps.getFirst()), kind);
                        LoadedModel loaded = backend.load(model.config(), model.weights());
                        LoadedModel expected = oracle.load(model.config(), model.weights())) {
                    for (int t : timesteps) {
                        Agreement agreement = agreement(backend, model, loaded, expected, batch, t, kind);
                        all &= agreement.holds();
                        out.printf("%s weights, T = %d: %s: %d spikes, %d wrong, %d within rounding of the threshold; real values within %.1e%n",
                                kind, t, agreement.holds() ? "agrees" : "DISAGREES", agreement.spikes(), agreement.wrong(),
                                agreement.rounded(), agreement.largestError());
                        JsonObject line = line(backend, "check", kind, t);
                        line.add("agreement", Json.tree(agreement));
                        append(line);
                    }
                }
            }
        }
        return all;
    }

    private Agreement agreement(Backend backend, SyntheticModel model, LoadedModel loaded, LoadedModel expected, SyntheticBatch batch, int t,
            WeightKind kind) {
        Agreement all = Agreement.NOTHING;
        try (OperationRun actual = new OperationRun(backend, model, loaded, batch, t, Density.TWENTY_PERCENT);
                OperationRun oracle = new OperationRun(backend, model, expected, batch, t, Density.TWENTY_PERCENT)) {
            for (GpuOperation operation : operations(actual, model, kind, t, true)) {
                for (OperationRun run : List.of(actual, oracle)) {
                    run.refill();
                    run.execute(operation.call());
                }
                Agreement one = Agreement.of(operation.call(), (ReferenceRun) oracle.run(), actual.run());
                if (!one.holds()) {
                    out.printf("%s, %s weights, T = %d: %s%n", operation.name(), kind, t, one);
                }
                all = all.and(one);
            }
        }
        return all;
    }

    private static List<GpuOperation> operations(OperationRun run, SyntheticModel model, WeightKind kind, int t, boolean alsoOthers) {
        List<GpuOperation> operations = new ArrayList<>(GpuOperation.products(run, kind));
        if (alsoOthers) {
            operations.addAll(GpuOperation.others(run, model.config(), t));
        }
        return operations;
    }

    private void measure(Backend backend, boolean software) {
        Sampling sampling = new Sampling(warmUps, samples);
        try (GpuDriver driver = new GpuDriver(software)) {
            Optional<CuBlas> blas = CuBlas.open();
            try {
                out.printf("%nCeilings; median (quartiles) of %d%s%n", samples, blas.isPresent() ? "" : "; cuBLAS is not installed: no dense peers");
                Map<String, Spread> ceilings = new Ceilings(driver, blas, sampling, software ? 1 << 20 : 1L << 30, ceilingSize).measure();
                ceilings.forEach((name, spread) -> out.printf("%s: %s%n", name, spread));
                JsonObject line = header(backend, "ceilings");
                line.add("ceilings", Json.tree(ceilings));
                append(line);
                kernels(backend, sampling);
                forwards(backend, sampling, driver, blas);
            } finally {
                blas.ifPresent(CuBlas::close);
            }
        }
    }

    private void kernels(Backend backend, Sampling sampling) {
        out.printf("%nKernels: 1 x %d tokens, 20%% of the units spike, second-level cache flushed; microseconds, median (quartiles)%n", length);
        out.println("| operation | weights | T | us | GB/s of the least bytes |\n|---|---|--:|--:|--:|");
        SyntheticBatch batch = new SyntheticBatch(1, length);
        for (WeightKind kind : kinds) {
            try (SyntheticModel model = new SyntheticModel(shape.layers(1, timesteps.getFirst()), kind);
                    LoadedModel loaded = backend.load(model.config(), model.weights())) {
                LeastBytes least = new LeastBytes(model.config(), batch);
                for (int t : timesteps) {
                    try (OperationRun run = new OperationRun(backend, model, loaded, batch, t, Density.TWENTY_PERCENT);
                            CudaProbe probe = new CudaProbe(run.run())) {
                        for (GpuOperation operation : operations(run, model, kind, t, kind == kinds.getFirst())) {
                            Spread time = sampling.of(() -> 1e3 * probe.milliseconds(List.of(operation.call()), true));
                            double bytes = least.of(operation.call());
                            out.printf("| %s | %s | %d | %s | %.0f |%n", operation.name(), kind, t, time, bytes / time.median() * 1e-3);
                            JsonObject line = line(backend, "kernel", kind, t);
                            line.addProperty("operation", operation.name());
                            line.addProperty("kernel", probe.launches(List.of(operation.call())).stream().map(LaunchShape::entry)
                                    .collect(Collectors.joining(" + ")));
                            line.addProperty("least_bytes", bytes);
                            line.add("microseconds", Json.tree(time));
                            append(line);
                        }
                    }
                }
            }
        }
    }

    private void forwards(Backend backend, Sampling sampling, GpuDriver driver, Optional<CuBlas> blas) {
        out.printf("%nForward passes: %d layers, sequences of %d tokens, from ids to logits; dense: cuBLAS, its products alone, T folded in%n",
                LAYERS, length);
        for (int sequences : batches) {
            SyntheticBatch batch = new SyntheticBatch(sequences, length);
            for (int t : timesteps) {
                Map<String, Spread> peers = new LinkedHashMap<>();
                blas.ifPresent(library -> {
                    for (Precision precision : Precision.values()) {
                        try (GpuDriver memory = driver.another()) {
                            DenseForward dense = new DenseForward(memory, library, precision, shape.layers(LAYERS, t), LAYERS, batch, t);
                            peers.put("dense " + precision, sampling.of(dense::milliseconds));
                        }
                    }
                });
                peers.forEach((name, time) -> out.printf("batch %d, T = %d: %s %s ms%n", sequences, t, name, time));
                for (WeightKind kind : kinds) {
                    try (SyntheticModel model = new SyntheticModel(shape.layers(LAYERS, t), kind);
                            LoadedModel loaded = backend.load(model.config(), model.weights())) {
                        GpuForward.Measured ours = new GpuForward(backend, model, loaded, sampling).measure(batch, t);
                        out.printf("batch %d, T = %d: %s weights %s ms, %.0f sequences/s, %d launches%s%n", sequences, t, kind,
                                ours.milliseconds(), 1e3 * sequences / ours.milliseconds().median(), ours.launches(), ratios(ours, peers));
                        JsonObject line = line(backend, "forward", kind, t);
                        line.addProperty("sequences", sequences);
                        line.addProperty("launches", ours.launches());
                        line.add("milliseconds", Json.tree(ours.milliseconds()));
                        line.add("dense_milliseconds", Json.tree(peers));
                        append(line);
                    }
                }
            }
        }
    }

    private static String ratios(GpuForward.Measured ours, Map<String, Spread> peers) {
        StringBuilder text = new StringBuilder();
        peers.forEach((name, time) -> text.append(", %.2f of %s".formatted(ours.milliseconds().median() / time.median(), name)));
        return text.toString();
    }

    private JsonObject line(Backend backend, String what, WeightKind kind, int t) {
        JsonObject line = header(backend, what);
        line.addProperty("weights", kind.toString());
        line.addProperty("timesteps", t);
        return line;
    }

    /** At once: a measurement that is cut short keeps what it has. */
    private void append(JsonObject line) {
        record.ifPresent(lines -> lines.append(line));
        recorded++;
    }

    private JsonObject header(Backend backend, String what) {
        JsonObject line = JsonLines.line("leanspike.gpu/1", Machine.here());
        line.addProperty("device", backend.device());
        line.addProperty("shape", shape.toString());
        line.addProperty("length", length);
        line.addProperty("what", what);
        return line;
    }
}
