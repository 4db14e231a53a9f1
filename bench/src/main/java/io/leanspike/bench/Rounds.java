package io.leanspike.bench;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;

/** Samples of contenders that took turns: A B C, C B A, A B C, ... so that drift and noise of the machine meet all of them. */
public final class Rounds {
    private final Map<String, List<Double>> samples = new HashMap<>();

    private Rounds() {}

    /** @param warmUps rounds before these that are run the same way and forgotten */
    public static Rounds run(List<Contender> contenders, int warmUps, int rounds) {
        Rounds recorded = new Rounds();
        for (int round = -warmUps; round < rounds; round++) {
            for (Contender contender : round % 2 == 0 ? contenders : contenders.reversed()) {
                Map<String, Double> figures = contender.sample();
                if (round >= 0) {
                    figures.forEach((name, value) -> recorded.samples.computeIfAbsent(name, n -> new ArrayList<>()).add(value));
                }
            }
        }
        return recorded;
    }

    /** The rest of the names of figures that start so, sorted. */
    List<String> figures(String start) {
        return samples.keySet().stream().filter(name -> name.startsWith(start)).map(name -> name.substring(start.length())).sorted().toList();
    }

    public Spread spread(String figure) {
        return Spread.of(values(figure));
    }

    /** Of the ratio within each round, which is steadier than the ratio of two medians. */
    public Spread ratio(String figure, String to) {
        double[] dividends = values(figure);
        double[] divisors = values(to);
        return Spread.of(IntStream.range(0, dividends.length).mapToDouble(i -> dividends[i] / divisors[i]).toArray());
    }

    private double[] values(String figure) {
        return samples.get(figure).stream().mapToDouble(Double::doubleValue).toArray();
    }
}
