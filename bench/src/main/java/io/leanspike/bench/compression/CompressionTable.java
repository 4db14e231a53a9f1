package io.leanspike.bench.compression;

import java.util.List;
import java.util.stream.Collectors;

/** The Markdown table of a run: the teacher, the variant that the others were made of, and the others. */
record CompressionTable(List<ModelFigures> models, List<ModelTimes> times, List<Integer> batches) {

    @Override
    public String toString() {
        ModelFigures teacher = models.get(0);
        ModelFigures base = models.get(1);
        StringBuilder table = new StringBuilder(
                "| model | %s | T | SOPs a sequence | of %s's | energy, uJ | of the teacher's | encoder weights | of %s's | file |"
                        .formatted(String.join(", ", teacher.metrics().keySet()), base.name(), base.name()));
        batches.forEach(batch -> table.append(" ms a sequence, batches of %d | speed over the teacher's |".formatted(batch)));
        table.append("\n|---|--:|--:|--:|--:|--:|--:|--:|--:|--:|").append("--:|--:|".repeat(batches.size())).append('\n');
        for (int i = 0; i < models.size(); i++) {
            ModelFigures model = models.get(i);
            ModelTimes time = times.get(i);
            table.append("| %s | %s | %s | %s | %.1f | %s | %s | %s | %s |".formatted(model.name(),
                    model.metrics().values().stream().map(value -> "%.2f".formatted(100 * value)).collect(Collectors.joining(", ")),
                    model.dense() ? "– | –" : "%s | %.2f M".formatted(timesteps(model), 1e-6 * model.sops()),
                    model.dense() ? "–" : percent(model.sops() / base.sops()),
                    1e6 * model.joules(), percent(model.joules() / teacher.joules()), bytes(model.encoderBytes()),
                    model.dense() ? "–" : percent((double) model.encoderBytes() / base.encoderBytes()), bytes(model.fileBytes())));
            for (int batch : batches) {
                table.append(" %s | %s |".formatted(time.milliseconds(batch), model.dense() ? "1" : time.overTeacher().get(batch)));
            }
            table.append('\n');
        }
        return table.toString();
    }

    private static String timesteps(ModelFigures model) {
        List<Integer> layers = model.timesteps();
        return layers.stream().distinct().count() == 1 ? layers.getFirst().toString()
                : "%.2f: %s".formatted(model.meanTimesteps(), layers.stream().map(String::valueOf).collect(Collectors.joining(" ")));
    }

    private static String percent(double share) {
        return share < 0.1 ? "%.2f%%".formatted(100 * share) : "%.1f%%".formatted(100 * share);
    }

    private static String bytes(long count) {
        return count < 100_000 ? "%.1f kB".formatted(1e-3 * count) : "%.2f MB".formatted(1e-6 * count);
    }
}
