package io.leanspike.bench.ablation;

import ai.djl.ndarray.NDManager;
import io.leanspike.cli.Criterion;
import io.leanspike.compress.LayerKeep;
import io.leanspike.compress.PruningPlan;
import io.leanspike.compress.PruningPlan.Allocation;
import io.leanspike.compress.StructuralPruning;
import io.leanspike.compress.UnitImportance;
import io.leanspike.eval.Evaluation;
import io.leanspike.model.LayerShape;
import io.leanspike.model.ModelConfig;
import io.leanspike.text.GlueExample;
import io.leanspike.train.data.TaskExamples;
import io.leanspike.train.data.Texts;
import io.leanspike.train.nn.Torch;
import io.leanspike.train.student.TaylorImportance;
import java.io.PrintWriter;
import java.io.Writer;
import java.lang.foreign.Arena;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import java.util.stream.IntStream;

/** Every criterion on the same changes; nothing is trained afterwards. */
final class PruningAblation implements Ablation {
    private record Change(String name, PruningPlan plan) {}

    private static final List<Change> CHANGES = List.of(
            new Change("a quarter of the heads", new PruningPlan(0.25, 0, 0, 0, Allocation.UNIFORM)),
            new Change("half of the key and value columns", new PruningPlan(0, 0.5, 0.5, 0, Allocation.UNIFORM)),
            new Change("half of the neurons", new PruningPlan(0, 0, 0, 0.5, Allocation.UNIFORM)),
            new Change("half of the neurons, layers competing", new PruningPlan(0, 0, 0, 0.5, Allocation.GLOBAL)),
            new Change("three quarters of the neurons", new PruningPlan(0, 0, 0, 0.75, Allocation.UNIFORM)));

    @Override
    public void run(Subject subject, List<Long> seeds, Consumer<AblationRow> found) {
        found.accept(AblationRow.of("nothing pruned", "–", List.of(), List.of(subject.evaluateUnchanged())));
        for (Criterion criterion : Criterion.values()) {
            List<Long> used = criterion == Criterion.MAGNITUDE ? List.of() : seeds;
            List<List<UnitImportance>> importance = criterion == Criterion.MAGNITUDE ? List.of(measured(criterion, subject, 0))
                    : seeds.stream().map(seed -> measured(criterion, subject, seed)).toList();
            for (Change change : CHANGES) {
                found.accept(AblationRow.of(change.name(), criterion.toString(), used,
                        importance.stream().map(scores -> pruned(subject, change.plan(), scores)).toList()));
            }
        }
    }

    private static List<UnitImportance> measured(Criterion criterion, Subject subject, long seed) {
        if (criterion != Criterion.TAYLOR) {
            return criterion.measure(subject.checkpoint(), subject.options(), () -> subject.texts(seed),
                    new PrintWriter(Writer.nullWriter()));
        }
        List<GlueExample> examples = subject.draw(seed);
        try (NDManager manager = Torch.manager()) {
            return TaylorImportance.of(subject.checkpoint(), manager, new TaskExamples(subject.task(), examples,
                    Texts.of(subject.tokenizer().encode(examples.stream().map(GlueExample::input).toList())),
                    examples.stream().mapToDouble(GlueExample::gold).toArray())).measure(1);
        }
    }

    private static Evaluation pruned(Subject subject, PruningPlan plan, List<UnitImportance> importance) {
        ModelConfig from = subject.config();
        List<LayerKeep> keeps = new ArrayList<>(plan.choose(from, importance));
        List<LayerShape> shapes = IntStream.range(0, keeps.size()).mapToObj(i -> keeps.get(i).shape(from.layers().get(i))).toList();
        try (Arena arena = Arena.ofShared()) {
            return subject.evaluate(from.withLayers(shapes), StructuralPruning.apply(subject.checkpoint().weights(), keeps, arena));
        }
    }
}
