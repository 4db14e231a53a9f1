package io.leanspike.schedule;

import io.leanspike.backend.KernelCall;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/**
 * What a backend will do for one batch: a value that can be printed, compared and tested.
 *
 * @param backend name of the backend it was made for
 * @param calls in order of execution
 */
public record ExecutionPlan(Mode mode, TimestepSchedule schedule, BatchShape shape, String backend, List<KernelCall> calls) {

    public ExecutionPlan {
        calls = List.copyOf(calls);
    }

    /** The calls with the fused ones taken apart. */
    public List<KernelCall> operations() {
        return calls.stream().flatMap(call -> call.parts().stream()).toList();
    }

    /** One line: how many calls of each operation. */
    public String summary() {
        Map<String, Long> counts = calls.stream()
                .collect(Collectors.groupingBy(KernelCall::operation, LinkedHashMap::new, Collectors.counting()));
        return counts.entrySet().stream().map(e -> e.getValue() + " " + e.getKey()).collect(Collectors.joining(", "));
    }

    /** A table with one line a call and the planner's reason. */
    public String describe() {
        StringBuilder text = new StringBuilder();
        text.append("plan: %s, %s%s, %d sequences, %d tokens, longest %d%n".formatted(backend, mode,
                mode == Mode.SPIKING ? ", T = " + schedule : "", shape.sequences(), shape.rows(), shape.longest()));
        int names = calls.stream().mapToInt(call -> call.output().length()).max().orElse(0);
        String line = "%-18s %-" + Math.max(names, 26) + "s %-14s %-10s %5s  %s%n";
        text.append(line.formatted("operation", "makes", "shape", "kernel", "tile", "reason"));
        for (KernelCall call : calls) {
            text.append(line.formatted(call.operation(), call.output(), shapeOf(call),
                    call.choice().variant(), call.choice().tileRows() == 0 ? "-" : call.choice().tileRows(), call.choice().reason()));
        }
        return text.toString();
    }

    private static String shapeOf(KernelCall call) {
        return switch (call) {
            case KernelCall.Fused c -> c.parts().stream().map(ExecutionPlan::shapeOf).distinct().collect(Collectors.joining(" "));
            case KernelCall.SpikeEncode c -> c.timesteps() + "x" + c.width();
            case KernelCall.SpikeMatmul c -> c.timesteps() + "x" + c.inputs() + "x" + c.outputs();
            case KernelCall.SpikingAttention c -> c.timesteps() + "x" + c.heads();
            case KernelCall.SpikeCount c -> c.timesteps() + "x" + c.width();
            case KernelCall.SpikeRetime c -> c.fromTimesteps() + ">" + c.timesteps() + "x" + c.width();
            case KernelCall.SynapseCount c -> c.timesteps() + "x" + c.width();
            case KernelCall.UnitCount c -> c.timesteps() + "x" + c.width();
            case KernelCall.MembraneUpdate c -> c.timesteps() + "x" + c.width();
            case KernelCall.ClassifierHead c -> c.width() + "x" + c.labels();
            case KernelCall.RateEncode c -> String.valueOf(c.width());
            case KernelCall.RateMatmul c -> c.inputs() + "x" + c.outputs();
            case KernelCall.RateAttention c -> c.heads().toString();
        };
    }
}
