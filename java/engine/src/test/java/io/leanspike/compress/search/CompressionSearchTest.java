package io.leanspike.compress.search;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class CompressionSearchTest {
    private static final List<SearchCost> SOPS = List.of(SearchCost.SOPS);

    private static CompressionSearch search(List<SearchCost> costs, double budget, int generations, long seed) {
        return new CompressionSearch(SyntheticProblem.space(), costs, budget, 24, generations, seed);
    }

    private static CompressionSearch.Result run(CompressionSearch search) {
        return search.run(SyntheticProblem.uncompressed(), SyntheticProblem::outcome, CompressionSearch.Listener.SILENT);
    }

    /** The space is small enough to look at all of it. */
    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3})
    void theFrontFoundIsTheFrontThereIs(long seed) {
        CompressionSearch.Result result = run(search(SOPS, 0.05, 40, seed));
        double floor = result.uncompressed().outcome().metric() - 0.05;
        List<List<Double>> there = ParetoFront.of(SyntheticProblem.all(), SOPS, floor).stream().map(p -> ParetoFront.figures(p, SOPS))
                .toList();
        List<List<Double>> found = result.front().stream().map(p -> ParetoFront.figures(p, SOPS)).toList();
        // Sums of the same numbers in another order differ in their last digit.
        long missed = there.stream().filter(point -> found.stream().noneMatch(
                other -> Math.abs(other.get(0) - point.get(0)) < 1e-12 && Math.abs(other.get(1) - point.get(1)) < 1e-9)).count();
        assertTrue(missed <= there.size() / 10, () -> "%d of %d missed".formatted(missed, there.size()));
        assertTrue(result.evaluated().size() < SyntheticProblem.all().size() / 4, "looks at less than a quarter of all candidates");
    }

    @Test
    void theSameSeedAsksTheSameQuestionsInTheSameOrder() {
        CompressionSearch.Result first = run(search(List.of(SearchCost.SOPS, SearchCost.BYTES), 0.05, 10, 7));
        assertEquals(first, run(search(List.of(SearchCost.SOPS, SearchCost.BYTES), 0.05, 10, 7)));
        assertNotEquals(first.evaluated(), run(search(List.of(SearchCost.SOPS, SearchCost.BYTES), 0.05, 10, 8)).evaluated());
    }

    @Test
    void moreGenerationsBeginWithTheSameQuestions() {
        List<Point> few = run(search(SOPS, 0.05, 5, 7)).evaluated();
        assertEquals(few, run(search(SOPS, 0.05, 12, 7)).evaluated().subList(0, few.size()));
    }

    @Test
    void noCandidateIsEvaluatedTwice() {
        Set<Candidate> asked = new HashSet<>();
        search(SOPS, 0.05, 20, 1).run(SyntheticProblem.uncompressed(), candidate -> {
            assertTrue(asked.add(candidate), () -> candidate + " again");
            return SyntheticProblem.outcome(candidate);
        }, CompressionSearch.Listener.SILENT);
    }

    @Test
    void nothingOnTheFrontIsBelowTheBudgetOrBeaten() {
        CompressionSearch.Result result = run(search(List.of(SearchCost.SOPS, SearchCost.BYTES), 0.02, 10, 3));
        assertTrue(result.front().size() > 3);
        for (Point point : result.front()) {
            assertTrue(point.outcome().metric() >= result.uncompressed().outcome().metric() - 0.02);
            List<Double> figures = ParetoFront.figures(point, List.of(SearchCost.SOPS, SearchCost.BYTES));
            assertTrue(result.evaluated().stream().noneMatch(
                    other -> ParetoFront.dominates(ParetoFront.figures(other, List.of(SearchCost.SOPS, SearchCost.BYTES)), figures)));
        }
    }

    @Test
    void theUncompressedModelAndTheGreedyScheduleAreEvaluated() {
        CompressionSearch.Result result = run(search(SOPS, 0.05, 0, 1));
        assertTrue(result.evaluated().contains(result.uncompressed()));
        assertTrue(result.evaluated().contains(result.greedy().orElseThrow()));
        assertTrue(result.greedy().orElseThrow().candidate().meanTimesteps() < 8);
    }

    @Test
    void aGenomeIsItsCandidate() {
        for (Point point : SyntheticProblem.all()) {
            assertEquals(point.candidate(), SyntheticProblem.space().decode(SyntheticProblem.space().encode(point.candidate())));
        }
    }
}
