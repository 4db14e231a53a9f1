package io.leanspike.bench.peers;

import io.leanspike.bench.Machine;
import io.leanspike.bench.Spread;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.TreeSet;
import java.util.function.Function;
import java.util.function.ToIntFunction;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** The history as Markdown and plots: for each machine the newest figures of every setting, and how they came about commit by commit. */
final class PeersPage {
    static final String MARK = "Made by 'leanspike bench history': do not edit";
    /** Settings a history plot follows; more lines would cover each other. */
    private static final int FOLLOWED = 7;

    private final PeersHistory history;

    PeersPage(PeersHistory history) {
        this.history = history;
    }

    private static String slug(String text) {
        return text.toLowerCase(Locale.ROOT).replaceAll("[^a-z0-9]+", "-");
    }

    private List<ForwardComparison> newest(String place) {
        return PeersHistory.newest(history.of(place, "forward"), line -> line.forward().setting()).stream()
                .map(PeersHistory.Line::forward).toList();
    }

    /** By file name. */
    Map<String, LinePlot> plots(String stem) {
        Map<String, LinePlot> plots = new LinkedHashMap<>();
        List<String> places = history.places();
        for (int i = 0; i < places.size(); i++) {
            String prefix = places.size() == 1 ? stem : stem + "-" + (i + 1);
            List<ForwardComparison> rows = newest(places.get(i));
            for (Map.Entry<String, List<ForwardComparison>> model : byModel(rows).entrySet()) {
                overTimesteps(model).ifPresent(plot -> plots.put(prefix + "-" + slug(model.getKey()) + "-timesteps.svg", plot));
                overSequences(model).ifPresent(plot -> plots.put(prefix + "-" + slug(model.getKey()) + "-sequences.svg", plot));
            }
            commits(places.get(i)).ifPresent(plot -> plots.put(prefix + "-commits.svg", plot));
        }
        return plots;
    }

    private static Map<String, List<ForwardComparison>> byModel(List<ForwardComparison> rows) {
        return rows.stream().collect(Collectors.groupingBy(row -> "%s, %s weights".formatted(row.setting().model(), row.setting().weights()),
                LinkedHashMap::new, Collectors.toList()));
    }

    private static Optional<LinePlot> overTimesteps(Map.Entry<String, List<ForwardComparison>> model) {
        Setting fixed = most(model.getValue(), row -> row.setting().length() * 1000 - row.setting().sequences());
        List<ForwardComparison> rows = model.getValue().stream().filter(row -> row.setting().sequences() == fixed.sequences()
                && row.setting().length() == fixed.length() && row.setting().density().equals(fixed.density())).toList();
        return plot("%s: %d x %d tokens, density %s".formatted(model.getKey(), fixed.sequences(), fixed.length(), fixed.density()), "T", rows,
                Setting::timesteps);
    }

    private static Optional<LinePlot> overSequences(Map.Entry<String, List<ForwardComparison>> model) {
        Setting fixed = most(model.getValue(), row -> row.setting().sequences() * 100_000 - row.setting().length() * 100 + row.setting().timesteps());
        List<ForwardComparison> rows = model.getValue().stream().filter(row -> row.setting().timesteps() == fixed.timesteps()
                && row.setting().length() == fixed.length() && row.setting().density().equals(fixed.density())).toList();
        return plot("%s: T = %d, %d tokens a sequence, density %s".formatted(model.getKey(), fixed.timesteps(), fixed.length(), fixed.density()),
                "sequences a batch", rows, Setting::sequences);
    }

    private static Setting most(List<ForwardComparison> rows, ToIntFunction<ForwardComparison> size) {
        return rows.stream().reduce((a, b) -> size.applyAsInt(b) > size.applyAsInt(a) ? b : a).orElseThrow().setting();
    }

    private static Optional<LinePlot> plot(String title, String horizontal, List<ForwardComparison> rows, Function<Setting, Integer> place) {
        List<Integer> places = new ArrayList<>(new TreeSet<>(rows.stream().map(row -> place.apply(row.setting())).toList()));
        if (places.size() < 2) {
            return Optional.empty();
        }
        List<LinePlot.Series> series = Stream.of(Entrant.values()).map(entrant -> new LinePlot.Series(entrant.title(), places.stream()
                .map(at -> rows.stream().filter(row -> place.apply(row.setting()).equals(at))
                        .flatMap(row -> row.milliseconds(entrant).stream()).findFirst().orElse(Double.NaN)).toList()))
                .filter(line -> line.values().stream().anyMatch(value -> !value.isNaN())).toList();
        return Optional.of(new LinePlot(title, horizontal, "ms a sequence", places.stream().map(String::valueOf).toList(), series));
    }

    /** Speed over peer (a), commit by commit, of the settings that most commits were measured in. */
    private Optional<LinePlot> commits(String place) {
        Map<String, Map<Setting, ForwardComparison>> byCommit = new LinkedHashMap<>();
        history.of(place, "forward").forEach(line -> byCommit.computeIfAbsent(line.machine().commit(), commit -> new LinkedHashMap<>())
                .put(line.forward().setting(), line.forward()));
        if (byCommit.size() < 2) {
            return Optional.empty();
        }
        String peer = Entrant.TORCH_LOOP.key();
        Map<Setting, Long> measured = byCommit.values().stream().flatMap(rows -> rows.values().stream())
                .filter(row -> row.ratio().containsKey(peer))
                .collect(Collectors.groupingBy(ForwardComparison::setting, LinkedHashMap::new, Collectors.counting()));
        List<LinePlot.Series> series = measured.entrySet().stream().sorted((a, b) -> Long.compare(b.getValue(), a.getValue())).limit(FOLLOWED)
                .map(entry -> new LinePlot.Series(name(entry.getKey()), byCommit.values().stream()
                        .map(rows -> Optional.ofNullable(rows.get(entry.getKey())).map(row -> row.ratio().get(peer).median()).orElse(Double.NaN))
                        .toList())).toList();
        return series.isEmpty() ? Optional.empty()
                : Optional.of(new LinePlot("Speed over peer (a)", "commit", "engine / (a)", List.copyOf(byCommit.keySet()), series));
    }

    private static String name(Setting setting) {
        return "%s %s T=%d %dx%d".formatted(setting.model(), setting.weights(), setting.timesteps(), setting.sequences(), setting.length());
    }

    String markdown(String stem) {
        StringBuilder page = new StringBuilder("<!-- %s -->%n# Whole models beside their peers%n%n".formatted(MARK));
        page.append("From [%s.jsonl](%s.jsonl), where `leanspike bench peers` records; [how it is measured](../README.md).%n%n".formatted(stem, stem));
        for (Entrant entrant : Entrant.values()) {
            page.append("- %s: %s%n".formatted(entrant.title(), entrant.meaning()));
        }
        page.append("""

                Times are median milliseconds a sequence, ± half the distance of the quartiles, and in bold how many times as fast the engine is, the
                median of the ratios within each round. Density: as asked for, and as measured. Products: their share of the engine's time, epilogues
                included, and dense-equivalent products a second.
                """);
        history.places().forEach(place -> place(page, place));
        page.append("\n## Plots\n");
        plots(stem).forEach((file, plot) -> page.append("%n![%s](%s)%n".formatted(plot.title(), file)));
        return page.toString();
    }

    private void place(StringBuilder page, String place) {
        List<ForwardComparison> rows = newest(place);
        page.append("%n## %s%n".formatted(place));
        if (!rows.isEmpty()) {
            page.append('\n').append(PeerAims.table(rows, history.last(place, "roofs").map(line -> MachineRoofs.sgemm(line.roofs())),
                    history.last(place, "start").map(PeersHistory.Line::startSeconds)));
            for (Map.Entry<String, List<ForwardComparison>> model : byModel(rows).entrySet()) {
                page.append("%n### %s%n%n%s%n".formatted(model.getKey(), ForwardComparison.TABLE_HEAD));
                model.getValue().forEach(row -> page.append(row.tableRow()).append('\n'));
            }
        }
        history.last(place, "roofs").ifPresent(line -> {
            page.append("%n### Roofs%n%n%s%n%n| figure | measured |%n|---|---:|%n".formatted(source(line)));
            line.roofs().forEach((name, spread) -> page.append("| %s | %s |%n".formatted(name.replace('_', ' '), spread)));
        });
        memory(page, place);
        history.last(place, "start").ifPresent(line -> page.append(
                "%n### From start to first answer%n%n`leanspike classify` with the shipped model, launcher and JVM included: %s s. %s%n".formatted(
                        line.startSeconds(), source(line))));
        page.append("%n### Measured%n%n".formatted());
        PeersHistory.newest(history.of(place, "forward"), line -> line.machine().commit()).forEach(line ->
                page.append("- %s%n".formatted(source(line))));
    }

    private static String source(PeersHistory.Line line) {
        Machine machine = line.machine();
        return "%s, commit %s, Java %s, load average before %.2f.".formatted(line.date().substring(0, 10), machine.commit(), machine.java(),
                machine.loadAverage());
    }

    private void memory(StringBuilder page, String place) {
        Collection<PeersHistory.Line> lines = PeersHistory.newest(history.of(place, "memory"),
                line -> List.of(line.memory().entrant(), line.memory().model(), line.memory().weights()));
        if (lines.isEmpty()) {
            return;
        }
        page.append("\n### Resident memory\n\n").append(PeakMemory.TABLE_HEAD).append('\n');
        lines.forEach(line -> page.append(line.memory().tableRow()).append('\n'));
    }
}
