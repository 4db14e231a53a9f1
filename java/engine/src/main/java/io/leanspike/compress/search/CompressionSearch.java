package io.leanspike.compress.search;

import io.leanspike.compress.EncoderBits;
import io.leanspike.compress.TimestepSearch;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Stream;

/**
 * Looks for models that cost little and lose little: NSGA-II over a {@link SearchSpace}, within an accuracy budget. The uncompressed model,
 * the schedule that {@link TimestepSearch} finds greedily, and simple compressions of both are in the first population.
 *
 * @param costs what is lowered, at least one; the metric is raised beside them
 * @param budget that the metric may lose, in the metric's own unit
 * @param population candidates of a generation
 * @param generations after the first population
 */
public record CompressionSearch(SearchSpace space, List<SearchCost> costs, double budget, int population, int generations, long seed) {
    private static final double[] NEURONS = {0.25, 0.5, 0.75};

    /** Hears how far a search has come: candidates answered for, of all that there will be at most. */
    @FunctionalInterface
    public interface Listener {
        Listener SILENT = (done, total) -> {};

        void at(long done, long total);
    }

    /**
     * What a search found.
     *
     * @param greedy what the greedy search over timesteps alone ended with; empty when timesteps were left alone
     * @param front within the budget, the cheapest first
     * @param evaluated all, in the order they were asked for
     */
    public record Result(Point uncompressed, Optional<Point> greedy, List<Point> front, List<Point> evaluated) {}

    /** @throws IllegalArgumentException when there is no cost, the budget or generations are negative, or the population is below 4 */
    public CompressionSearch {
        costs = List.copyOf(costs);
        if (costs.isEmpty() || !(budget >= 0) || population < 4 || generations < 0) {
            throw new IllegalArgumentException("costs %s, a budget of %s, a population of %d, %d generations"
                    .formatted(costs, budget, population, generations));
        }
    }

    /**
     * Searches. With an evaluation that always answers alike, the same search finds the same.
     *
     * @param uncompressed the model as it is
     * @param evaluation asked at most once for a candidate
     */
    public Result run(Candidate uncompressed, Function<Candidate, Outcome> evaluation, Listener listener) {
        Map<Candidate, Outcome> known = new LinkedHashMap<>();
        Function<Candidate, Outcome> once = candidate -> {
            // Not computeIfAbsent: the evaluation may fail, and must be free to do anything.
            Outcome outcome = known.containsKey(candidate) ? known.get(candidate) : evaluation.apply(candidate);
            known.put(candidate, outcome);
            return outcome;
        };
        Point start = new Point(uncompressed, once.apply(uncompressed));
        double floor = start.outcome().metric() - budget;
        Optional<Candidate> greedy = greedy(uncompressed, once);
        long total = (long) population * (generations + 1);
        long[] done = {0};
        new GeneticSearch(space, population, candidate -> {
            listener.at(done[0]++, total);
            return standing(new Point(candidate, once.apply(candidate)), floor);
        }).run(seeds(uncompressed, greedy), generations, seed);
        List<Point> evaluated = known.entrySet().stream().map(entry -> new Point(entry.getKey(), entry.getValue())).toList();
        return new Result(start, greedy.map(candidate -> new Point(candidate, known.get(candidate))),
                ParetoFront.of(evaluated, costs, floor), evaluated);
    }

    private Standing standing(Point point, double floor) {
        Stream<Double> less = costs.stream().map(cost -> -Math.log(Math.max(Double.MIN_NORMAL, cost.of(point.outcome()))));
        return new Standing(Math.max(0, floor - point.outcome().metric()),
                Stream.concat(Stream.of(point.outcome().metric()), less).toList());
    }

    private Optional<Candidate> greedy(Candidate uncompressed, Function<Candidate, Outcome> evaluation) {
        if (space.timesteps().size() < 2) {
            return Optional.empty();
        }
        TimestepSearch.Trial found = new TimestepSearch(budget, space.potentials()).run(uncompressed.layers().size(),
                space.timesteps().getLast(),
                (timesteps, potential) -> evaluation.apply(uncompressed.withTimesteps(timesteps, potential)).metric(), trial -> {});
        return Optional.of(uncompressed.withTimesteps(found.timesteps(), found.initialPotential()));
    }

    /** Different ones only, the plainest first. */
    private List<Candidate> seeds(Candidate uncompressed, Optional<Candidate> greedy) {
        List<Candidate> plain = Stream.concat(Stream.of(uncompressed), greedy.stream()).toList();
        List<Candidate> seeds = new ArrayList<>(plain);
        for (Optional<EncoderBits> bits : space.bits()) {
            plain.forEach(candidate -> seeds.add(candidate.withBits(bits)));
        }
        for (double share : NEURONS) {
            plain.forEach(candidate -> seeds.add(candidate.withNeurons(share)));
            plain.forEach(candidate -> seeds.add(candidate.withNeurons(share).withBits(space.bits().getLast())));
        }
        plain.forEach(candidate -> seeds.add(candidate.withByteEmbeddings().withBits(space.bits().getLast())));
        // What the space does not hold becomes what is nearest to it.
        return seeds.stream().map(candidate -> space.decode(space.encode(candidate))).distinct().toList();
    }
}
