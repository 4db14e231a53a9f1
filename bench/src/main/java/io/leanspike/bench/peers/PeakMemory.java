package io.leanspike.bench.peers;

import com.google.gson.Gson;
import io.leanspike.BackendSelection;
import io.leanspike.backend.Backend;
import io.leanspike.backend.TokenBatch;
import io.leanspike.backend.WeightKind;
import io.leanspike.bench.SyntheticModel;
import io.leanspike.schedule.SpikeDensities;
import io.leanspike.train.nn.Torch;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.function.Function;
import java.util.function.Supplier;

/**
 * Resident memory of one entrant on one batch, measured in a process of its own: libraries, its form of the weights and two forward
 * passes.
 *
 * @param before bytes resident with the JVM and the checkpoint's weights, before the entrant is there
 * @param peak most bytes resident from then on
 */
record PeakMemory(String entrant, String model, WeightKind weights, int timesteps, int sequences, int length, long before, long peak) {
    private static final int RUNS = 2;
    private static final Gson GSON = new Gson();
    private static final double MEBIBYTE = 1 << 20;

    static final String TABLE_HEAD = """
            | model | weights | B x L | T | entrant | JVM and weights before, MiB | peak, MiB | added, MiB |
            |---|---|---:|---:|---|---:|---:|---:|""";

    /** A line of the Markdown table under {@link #TABLE_HEAD}. */
    String tableRow() {
        return "| %s | %s | %d x %d | %d | %s | %.0f | %.0f | %.0f |".formatted(model, weights, sequences, length, timesteps, entrant,
                before / MEBIBYTE, peak / MEBIBYTE, (peak - before) / MEBIBYTE);
    }

    /** Measures in a child process. */
    static PeakMemory measure(Entrant entrant, PeerShape shape, WeightKind weights, int timesteps, int sequences, int length, int threads) {
        ChildProcess child = ChildProcess.java(PeakMemory.class, List.of(entrant.name(), shape.name(), weights.name(),
                Integer.toString(timesteps), Integer.toString(sequences), Integer.toString(length), Integer.toString(threads)));
        String last = child.output().lines().reduce("", (a, b) -> b);
        if (child.exitCode() != 0 || !last.startsWith("{")) {
            throw new IllegalStateException("the process that measures memory ended with %d: %s".formatted(child.exitCode(), child.output()));
        }
        return GSON.fromJson(last, PeakMemory.class);
    }

    /** The child: prints one line of JSON. */
    public static void main(String[] arguments) {
        Locale.setDefault(Locale.Category.FORMAT, Locale.ROOT);
        Entrant entrant = Entrant.valueOf(arguments[0]);
        PeerShape shape = PeerShape.valueOf(arguments[1]);
        WeightKind weights = WeightKind.valueOf(arguments[2]);
        int timesteps = Integer.parseInt(arguments[3]);
        int sequences = Integer.parseInt(arguments[4]);
        int length = Integer.parseInt(arguments[5]);
        int threads = Integer.parseInt(arguments[6]);
        Torch.useThreads(threads);
        Function<Checkpointed, PeakMemory> measurement = subject -> {
            TokenBatch batch = subject.batch(sequences, length);
            Supplier<Entry> opening = opening(entrant, subject, batch, timesteps, threads);
            ResidentMemory.forgetPeak();
            long before = ResidentMemory.now();
            try (Entry entry = opening.get()) {
                for (int run = 0; run < RUNS; run++) {
                    entry.forward().run();
                }
            }
            return new PeakMemory(entrant.key(), shape.toString(), weights, timesteps, sequences, length, before, ResidentMemory.peak());
        };
        PeakMemory measured;
        if (shape.synthetic().isPresent()) {
            try (SyntheticModel model = new SyntheticModel(shape.synthetic().get().whole(timesteps), weights)) {
                measured = measurement.apply(new SyntheticCheckpoint(model));
            }
        } else {
            try (ShippedModel model = new ShippedModel()) {
                measured = measurement.apply(model);
            }
        }
        System.out.println(GSON.toJson(measured));
    }

    /** All that is loaded when it is called; what only this benchmark needs, such as writing an ONNX file, is done before. */
    private static Supplier<Entry> opening(Entrant entrant, Checkpointed subject, TokenBatch batch, int timesteps, int threads) {
        return switch (entrant) {
            case ENGINE, ENGINE_1_THREAD -> () -> {
                Backend backend = BackendSelection.open("auto", "auto", entrant == Entrant.ENGINE ? threads : 1).backend();
                return Entry.engine(entrant, backend, subject, batch, timesteps, SpikeDensities.TYPICAL);
            };
            case TORCH_LOOP, TORCH_FOLDED, TORCH_FOLDED_ONEDNN -> () -> Entry.torch(entrant, subject, batch, timesteps);
            case ONNX_FLOAT32, ONNX_INT8 -> {
                Path file = DensePeers.file(entrant, subject.config()).orElseThrow();
                yield () -> Entry.dense(entrant, new DenseEncoder(file, threads), batch);
            }
        };
    }
}
