package io.leanspike.bench.peers;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.NDScope;
import ai.djl.ndarray.types.Shape;
import io.leanspike.bench.Contender;
import io.leanspike.bench.Effort;
import io.leanspike.bench.Roofs;
import io.leanspike.bench.Rounds;
import io.leanspike.bench.Sgemm;
import io.leanspike.bench.Spread;
import io.leanspike.bench.Work;
import io.leanspike.train.nn.Torch;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/** The most this machine gives, measured by turns: products of large square matrices, the inner loops of products, and copying memory. */
final class MachineRoofs {
    private static final String OPENBLAS = "openblas_sgemm_gmac_per_second";
    private static final String TORCH = "torch_linear_gmac_per_second";
    private static final String TORCH_ONEDNN = "torch_onednn_gmac_per_second";
    private static final String COPY = "memory_copy_gb_per_second";
    /** Loops over registers; none where the build has no library of them. */
    private static final List<Roofs.Roof> LOOPS = List.of(Roofs.Roof.POPCOUNT, Roofs.Roof.BYTE_DOT, Roofs.Roof.FLOAT_FMA);
    private static final String LOOP = "_loop_gmac_per_second";
    /** What threads that share nothing gain over one: less than their number where the host of a virtual machine has put them on one core. */
    private static final String SCALING = "popcount_loop_times_one_thread";
    private static final String HANDOVER = "handover_there_and_back_ns";
    private static final String ONE_THREAD = "popcount on one thread";
    /** Several times the last-level cache of any processor this is run on. */
    private static final long COPIED_BYTES = 256L << 20;

    private MachineRoofs() {}

    /** GMAC/s of the fastest float32 product that was measured. */
    static double sgemm(Map<String, Spread> roofs) {
        return Stream.of(OPENBLAS, TORCH, TORCH_ONEDNN).mapToDouble(name -> roofs.get(name).median()).max().orElseThrow();
    }

    /** Figures by name: GMAC/s, GB/s read and written by a copy, and nanoseconds of a handover. */
    static Map<String, Spread> measure(int threads, Effort effort) {
        int size = effort.roofSize();
        double gmac = Work.gmac(size, size, size);
        try (Sgemm sgemm = effort.roof(threads); MemoryCopy copy = new MemoryCopy(COPIED_BYTES, threads);
                NDManager manager = Torch.manager()) {
            NDArray left = manager.randomUniform(-1, 1, new Shape(size, size));
            NDArray right = manager.randomUniform(-1, 1, new Shape(size, size));
            NDArray bias = manager.zeros(new Shape(size));
            List<Contender> contenders = new ArrayList<>();
            contenders.add(Contender.product(OPENBLAS, gmac, effort.sampleSeconds(), sgemm::multiply));
            for (TorchLinear linear : List.of(TorchLinear.PLAIN, TorchLinear.ONE_DNN)) {
                String name = linear == TorchLinear.PLAIN ? TORCH : TORCH_ONEDNN;
                contenders.add(Contender.product(name, gmac, effort.sampleSeconds(), () -> {
                    try (NDScope scope = new NDScope()) {
                        scope.suppressNotUsedWarning();
                        linear.of(left, right, bias);
                    }
                }));
            }
            contenders.add(Contender.product(COPY, copy.gigabytes(), effort.sampleSeconds(), copy::run));
            List<Roofs.Roof> loops = Roofs.absence().isPresent() ? List.of() : LOOPS;
            loops.forEach(loop -> contenders.add(Roofs.contender(loop, threads, effort.sampleSeconds())));
            if (!loops.isEmpty()) {
                Contender alone = Roofs.contender(Roofs.Roof.POPCOUNT, 1, effort.sampleSeconds());
                contenders.add(() -> Map.of(ONE_THREAD, alone.sample().get(Roofs.Roof.POPCOUNT.toString())));
            }
            contenders.add(new Handover(HANDOVER, effort.sampleSeconds()));
            Rounds rounds = Rounds.run(contenders, effort.warmUps(), effort.rounds());
            Map<String, Spread> roofs = new LinkedHashMap<>();
            for (String name : List.of(OPENBLAS, TORCH, TORCH_ONEDNN, COPY, HANDOVER)) {
                roofs.put(name, rounds.spread(name));
            }
            loops.forEach(loop -> roofs.put(loop + LOOP, rounds.spread(loop.toString())));
            if (!loops.isEmpty()) {
                roofs.put(SCALING, rounds.ratio(Roofs.Roof.POPCOUNT.toString(), ONE_THREAD));
            }
            return roofs;
        }
    }
}
