package io.leanspike.bench.peers;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.NDScope;
import ai.djl.ndarray.types.Shape;
import io.leanspike.bench.Contender;
import io.leanspike.bench.Effort;
import io.leanspike.bench.Rounds;
import io.leanspike.bench.Sgemm;
import io.leanspike.bench.Spread;
import io.leanspike.bench.Work;
import io.leanspike.train.nn.Torch;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** The most this machine gives, measured by turns: products of large square matrices, and copying memory. */
final class MachineRoofs {
    static final String SGEMM = "openblas_sgemm_gmac_per_second";
    static final String COPY = "memory_copy_gb_per_second";
    /** Several times the last-level cache of any processor this is run on. */
    private static final long COPIED_BYTES = 256L << 20;

    private MachineRoofs() {}

    /** Figures by name: GMAC/s, and GB/s read and written by a copy. */
    static Map<String, Spread> measure(int threads, Effort effort) {
        int size = effort.roofSize();
        double gmac = Work.gmac(size, size, size);
        try (Sgemm sgemm = effort.roof(threads); MemoryCopy copy = new MemoryCopy(COPIED_BYTES, threads);
                NDManager manager = Torch.manager()) {
            NDArray left = manager.randomUniform(-1, 1, new Shape(size, size));
            NDArray right = manager.randomUniform(-1, 1, new Shape(size, size));
            NDArray bias = manager.zeros(new Shape(size));
            List<Contender> contenders = new ArrayList<>();
            contenders.add(Contender.product(SGEMM, gmac, effort.sampleSeconds(), sgemm::multiply));
            for (TorchLinear linear : List.of(TorchLinear.PLAIN, TorchLinear.ONE_DNN)) {
                String name = linear == TorchLinear.PLAIN ? "torch_linear_gmac_per_second" : "torch_onednn_gmac_per_second";
                contenders.add(Contender.product(name, gmac, effort.sampleSeconds(), () -> {
                    try (NDScope scope = new NDScope()) {
                        scope.suppressNotUsedWarning();
                        linear.of(left, right, bias);
                    }
                }));
            }
            contenders.add(Contender.product(COPY, copy.gigabytes(), effort.sampleSeconds(), copy::run));
            Rounds rounds = Rounds.run(contenders, effort.warmUps(), effort.rounds());
            Map<String, Spread> roofs = new LinkedHashMap<>();
            for (String name : List.of(SGEMM, "torch_linear_gmac_per_second", "torch_onednn_gmac_per_second", COPY)) {
                roofs.put(name, rounds.spread(name));
            }
            return roofs;
        }
    }
}
