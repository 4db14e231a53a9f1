package io.leanspike.bench;

import io.leanspike.backend.Backend;
import io.leanspike.backend.KernelCall;
import io.leanspike.backend.LoadedModel;
import io.leanspike.backend.Projection;
import io.leanspike.backend.WeightKind;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.Consumer;

/** {@code spike_matmul} of an encoder layer at all densities, by turns with sgemm of the same shape and a square sgemm. */
final class ProductComparison {
    private final Backend backend;
    private final ModelShape shape;
    private final WeightKind weights;
    private final SyntheticBatch batch;
    private final Effort effort;

    ProductComparison(Backend backend, ModelShape shape, WeightKind weights, SyntheticBatch batch, Effort effort) {
        this.backend = backend;
        this.shape = shape;
        this.weights = weights;
        this.batch = batch;
        this.effort = effort;
    }

    /** Hands over one comparison for each projection and density, as soon as it is made. */
    void run(List<Projection> projections, int timesteps, Consumer<Comparison> report) {
        Map<Density, OperationRun> runs = new EnumMap<>(Density.class);
        try (SyntheticModel model = new SyntheticModel(shape.oneLayer(timesteps), weights);
                LoadedModel loaded = backend.load(model.config(), model.weights())) {
            try {
                for (Density density : Density.values()) {
                    runs.put(density, new OperationRun(backend, model, loaded, batch, timesteps, density));
                }
                projections.forEach(projection -> run(projection, runs).forEach(report));
            } finally {
                runs.values().forEach(OperationRun::close);
            }
        }
    }

    private List<Comparison> run(Projection projection, Map<Density, OperationRun> runs) {
        KernelCall.SpikeMatmul call = runs.get(Density.MEASURED).matmul(projection);
        int rows = batch.rows() * call.timesteps();
        try (Sgemm sgemm = new Sgemm(rows, call.inputs(), call.outputs(), backend.threads());
                Sgemm roof = effort.roof(backend.threads())) {
            List<Contender> contenders = new ArrayList<>();
            runs.forEach((density, run) -> {
                KernelCall.SpikeMatmul own = run.matmul(projection);
                contenders.add(Contender.product(density.name(), Work.gmac(own, batch.rows()), effort.sampleSeconds(), () -> run.execute(own)));
            });
            contenders.add(Contender.product("sgemm", sgemm.gmac(), effort.sampleSeconds(), sgemm::multiply));
            contenders.add(Contender.product("roof", roof.gmac(), effort.sampleSeconds(), roof::multiply));
            if (Roofs.absence().isEmpty()) {
                contenders.add(Roofs.contender(LoopRoof.of(weights), backend.threads(), effort.sampleSeconds()));
            }
            Rounds rounds = Rounds.run(contenders, effort.warmUps(), effort.rounds());
            return runs.keySet().stream().map(density -> comparison(call, rows, density, rounds)).toList();
        }
    }

    private Comparison comparison(KernelCall.SpikeMatmul call, int rows, Density density, Rounds rounds) {
        return new Comparison(shape + " " + call.projection().name().toLowerCase(Locale.ROOT) + ", " + weights + " weights",
                rows + "x" + call.inputs() + "x" + call.outputs(), backend.threads(), call.timesteps(),
                String.format(Locale.ROOT, "%.2f", density.of(call.projection().input(0).kind())),
                rounds.spread(density.name()), rounds.spread("sgemm"), rounds.spread("roof"),
                rounds.ratio(density.name(), "sgemm"), LoopRoof.in(rounds, LoopRoof.of(weights), density.name()), Map.of());
    }
}
