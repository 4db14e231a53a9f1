package io.leanspike.compress;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.leanspike.compress.TimestepSearch.Trial;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

class TimestepSearchTest {
    /** Each layer needs its own number of timesteps; every one that is missing costs a point. */
    private static TimestepSearch.Score needs(int... needed) {
        return (timesteps, potential) -> {
            double metric = 90;
            for (int layer = 0; layer < needed.length; layer++) {
                metric -= Math.max(0, needed[layer] - timesteps.get(layer));
            }
            return metric - Math.abs(potential - 0.5);
        };
    }

    @Test
    void everyLayerComesDownToWhatItNeeds() {
        Trial found = new TimestepSearch(0, List.of(0.0, 0.5)).run(3, 16, needs(4, 1, 8), trial -> { });
        assertEquals(new Trial(List.of(4, 1, 8), 0.5, 90), found);
    }

    @Test
    void theBudgetIsSpentAndNotOverspent() {
        Trial found = new TimestepSearch(2, List.of(0.5)).run(2, 8, needs(4, 4), trial -> { });
        assertEquals(88, found.metric());
        assertEquals(6, found.timesteps().get(0) + found.timesteps().get(1));
    }

    @Test
    void everyStepIsToldAndNoneIsBelowTheBudget() {
        List<Trial> steps = new ArrayList<>();
        Trial found = new TimestepSearch(1, List.of(0.5)).run(2, 16, needs(3, 2), steps::add);
        assertEquals(List.of(16, 16), steps.getFirst().timesteps());
        assertEquals(found, steps.getLast());
        assertTrue(steps.stream().allMatch(step -> step.metric() >= 89), steps.toString());
    }

    @Test
    void noScheduleIsScoredTwice() {
        Set<List<Object>> seen = new HashSet<>();
        new TimestepSearch(1, List.of(0.0, 0.5)).run(3, 16, (timesteps, potential) -> {
            assertTrue(seen.add(List.of(timesteps, potential)), () -> timesteps + " twice");
            return needs(4, 2, 1).of(timesteps, potential);
        }, trial -> { });
    }

    /** Where the jump costs more than the budget the search goes on from the start. */
    @Test
    void theSearchGoesOnFromWhereRatesHaveConverged() {
        List<Trial> steps = new ArrayList<>();
        Trial found = new TimestepSearch(0, List.of(0.5)).run(List.of(16, 16), List.of(6, 3), needs(4, 2), steps::add);
        assertEquals(List.of(4, 2), found.timesteps());
        assertEquals(List.of(6, 3), steps.get(1).timesteps());
        found = new TimestepSearch(0, List.of(0.5)).run(List.of(16, 16), List.of(1, 3), needs(4, 2), steps::add);
        assertEquals(List.of(4, 2), found.timesteps());
    }

    /** 0.25 scores highest everywhere; what counts as better decides. */
    @Test
    void theFirstPotentialStaysUnlessAnotherIsBetterAsAsked() {
        TimestepSearch.Score luck = (timesteps, potential) -> 90 - Math.abs(potential - 0.25);
        List<Double> potentials = List.of(0.5, 0.25);
        assertEquals(0.25, new TimestepSearch(0, potentials).run(2, 2, luck, trial -> { }).initialPotential());
        assertEquals(0.5, new TimestepSearch(0, potentials, (one, other) -> one.metric() > other.metric() + 1)
                .run(2, 2, luck, trial -> { }).initialPotential());
    }

    /** As a correlation has none where a model answers the same to everything. */
    @Test
    void aLayerWhoseLowerTimestepsHaveNoMetricDoesNotEndTheSearch() {
        Trial found = new TimestepSearch(1, List.of(0.5)).run(2, 4, (timesteps, potential) ->
                timesteps.getFirst() < 4 ? Double.NEGATIVE_INFINITY : 90, trial -> { });
        assertEquals(List.of(4, 1), found.timesteps());
    }

    @Test
    void aBudgetBelowNothingIsRefused() {
        assertThrows(IllegalArgumentException.class, () -> new TimestepSearch(-1, List.of(0.5)));
        assertThrows(IllegalArgumentException.class, () -> new TimestepSearch(1, List.of()));
    }
}
