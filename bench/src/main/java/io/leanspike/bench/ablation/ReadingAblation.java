package io.leanspike.bench.ablation;

import io.leanspike.eval.Evaluation;
import io.leanspike.schedule.TimestepSchedule;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import java.util.stream.Collectors;

/** Every rule on schedules whose layers differ. Nothing random enters. */
final class ReadingAblation implements Ablation {

    @Override
    public void run(Subject subject, List<Long> seeds, Consumer<AblationRow> found) {
        Map<ReadingRule, List<Evaluation>> all = new EnumMap<>(ReadingRule.class);
        List<TimestepSchedule> schedules = schedules(subject.config().hiddenLayers());
        for (TimestepSchedule schedule : schedules) {
            String change = "T = " + schedule.timesteps().stream().map(String::valueOf).collect(Collectors.joining(" "));
            for (ReadingRule rule : ReadingRule.values()) {
                Evaluation run = subject.evaluate(
                        subject.config(), subject.checkpoint().weights(), schedule, new ReadAs(rule, subject.backend()));
                all.computeIfAbsent(rule, r -> new ArrayList<>()).add(run);
                found.accept(AblationRow.of(change, rule.toString(), List.of(), List.of(run)));
            }
        }
        all.forEach((rule, runs) -> found.accept(
                AblationRow.of("all %d schedules".formatted(schedules.size()), rule.toString(), List.of(), runs)));
    }

    /** Falling and rising through the layers by halves, and to and fro. */
    private static List<TimestepSchedule> schedules(int layers) {
        List<TimestepSchedule> schedules = new ArrayList<>();
        for (int most : new int[] {16, 8, 4, 2}) {
            List<Integer> falling = new ArrayList<>();
            List<Integer> turning = new ArrayList<>();
            for (int layer = 0; layer < layers; layer++) {
                falling.add(layer < (layers + 1) / 2 ? most : most / 2);
                turning.add(layer % 2 == 0 ? most : Math.max(1, most / 4));
            }
            for (List<Integer> each : List.of(falling, falling.reversed(), turning)) {
                TimestepSchedule schedule = new TimestepSchedule(each);
                if (!schedule.isUniform() && !schedules.contains(schedule)) {
                    schedules.add(schedule);
                }
            }
        }
        return schedules;
    }
}
