package io.leanspike.cli;

import io.leanspike.compress.search.LayerChoice;
import io.leanspike.compress.search.Outcome;
import io.leanspike.compress.search.Point;
import java.util.List;
import java.util.function.Function;
import java.util.stream.Collectors;

/** The front of a search as a table: for people, and as CSV with all digits. */
final class SearchTable {
    private final SearchRun run;

    SearchTable(SearchRun run) {
        this.run = run;
    }

    /** One line a point, the uncompressed model first. */
    String text() {
        Outcome whole = run.result().uncompressed().outcome();
        StringBuilder text = new StringBuilder();
        text.append("%d candidates evaluated; %d points within %.2f of %.2f that no other beats%n%n".formatted(run.result().evaluated().size(),
                run.result().front().size(), 100 * run.search().budget(), 100 * whole.metric()));
        text.append("%5s %11s %9s  %7s %7s %7s %8s  %-14s %-16s %s%n".formatted("point", "calibration", "report", "SOPs", "energy", "bytes",
                "latency", "T", "bits", "heads, neurons that go"));
        List<Point> points = run.points();
        for (int i = 0; i < points.size(); i++) {
            Point point = points.get(i);
            Outcome outcome = point.outcome();
            text.append("%5s %11.2f %9.2f  %7s %7s %7s %8s  %-14s %-16s %s%n".formatted(i == 0 ? "whole" : i, 100 * outcome.metric(),
                    100 * run.reported().apply(point).metric(), Figures.percent(outcome.sops() / whole.sops()),
                    Figures.percent(outcome.joules() / whole.joules()), Figures.percent((double) outcome.bytes() / whole.bytes()),
                    outcome.latency().isPresent() ? Figures.percent(outcome.latency().getAsDouble()) : "-",
                    each(point, layer -> String.valueOf(layer.timesteps())), each(point, SearchTable::bits),
                    each(point, layer -> "%.2g|%.2g".formatted(layer.heads(), layer.neurons()))));
        }
        text.append("%nSOPs, energy, bytes and latency as shares of the uncompressed model's; searched on %s, reported on %s%n".formatted(
                run.calibration(), run.report()));
        return text.toString();
    }

    /** All digits, one line a point; layers in one field, separated by spaces. */
    String csv() {
        StringBuilder csv = new StringBuilder(
                "point,calibration_%1$s,report_%1$s,sops_a_sequence,joules_a_sequence,bytes,encoder_bytes,latency,"
                .formatted(run.metric()) + "mean_timesteps,timesteps,bits,heads_gone,keys_gone,values_gone,neurons_gone,initial_potential,"
                + "threshold,byte_embeddings\n");
        List<Point> points = run.points();
        for (int i = 0; i < points.size(); i++) {
            Point point = points.get(i);
            Outcome outcome = point.outcome();
            csv.append("%d,%s,%s,%s,%s,%d,%d,%s,%s,%s,%s,%s,%s,%s,%s,%s,%s,%s%n".formatted(i, outcome.metric(),
                    run.reported().apply(point).metric(), outcome.sops() / outcome.examples(), outcome.joules() / outcome.examples(),
                    outcome.bytes(), outcome.encoderBytes(),
                    outcome.latency().isPresent() ? String.valueOf(outcome.latency().getAsDouble()) : "",
                    point.candidate().meanTimesteps(), each(point, layer -> String.valueOf(layer.timesteps())), each(point, SearchTable::bits),
                    each(point, layer -> String.valueOf(layer.heads())), each(point, layer -> String.valueOf(layer.keys())),
                    each(point, layer -> String.valueOf(layer.values())), each(point, layer -> String.valueOf(layer.neurons())),
                    point.candidate().initialPotential(), point.candidate().threshold(), point.candidate().byteEmbeddings()));
        }
        return csv.toString();
    }

    private static String bits(LayerChoice layer) {
        return layer.bits().map(Object::toString).orElse("as-is");
    }

    private static String each(Point point, Function<LayerChoice, String> text) {
        return point.candidate().layers().stream().map(text).collect(Collectors.joining(" "));
    }
}
