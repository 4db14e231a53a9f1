package io.leanspike.compress;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.leanspike.backend.RandomModel;
import io.leanspike.backend.RandomModel.Shape;
import io.leanspike.compress.PruningPlan.Allocation;
import io.leanspike.model.ModelConfig;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class PruningPlanTest {
    private static final ModelConfig CONFIG = RandomModel.config(new Shape(4, 2, 4, 1, 1), 2, 1, 1, 0);
    private static final UnitImportance FIRST =
            new UnitImportance(new double[] {4, 1, 2, 3}, new double[] {1, 1, 1, 1}, new double[] {1, 4, 2, 3});
    private static final UnitImportance SECOND =
            new UnitImportance(new double[] {1, 1, 9, 9}, new double[] {1, 2, 9, 8}, new double[] {10, 10, 10, 50});

    private static List<LayerKeep> choose(double heads, double keys, double values, double neurons, Allocation allocation) {
        return new PruningPlan(heads, keys, values, neurons, allocation).choose(CONFIG, List.of(FIRST, SECOND));
    }

    @Test
    void theLeastImportantNeuronsOfEachLayerGo() {
        List<LayerKeep> keeps = choose(0, 0, 0, 0.5, Allocation.UNIFORM);
        assertEquals(List.of(1, 3), keeps.get(0).neurons());
        assertEquals(List.of(0, 3), keeps.get(1).neurons());
    }

    @Test
    void neuronsOfAllLayersCompeteAsSharesOfTheirLayersMean() {
        // Shares: 0.4 1.6 0.8 1.2 and 0.5 0.5 0.5 2.5; half of the eight go.
        List<LayerKeep> keeps = choose(0, 0, 0, 0.5, Allocation.GLOBAL);
        assertEquals(List.of(1, 2, 3), keeps.get(0).neurons());
        assertEquals(List.of(3), keeps.get(1).neurons());
    }

    @Test
    void eachLayerLosesTheShareItIsGiven() {
        List<LayerKeep> keeps = new PruningPlan(List.of(0.0), List.of(0.0), List.of(0.0), List.of(0.25, 0.75), Allocation.UNIFORM)
                .choose(CONFIG, List.of(FIRST, SECOND));
        assertEquals(3, keeps.get(0).neurons().size());
        assertEquals(List.of(3), keeps.get(1).neurons());
        assertThrows(IllegalArgumentException.class, () ->
                new PruningPlan(List.of(0.0), List.of(0.0), List.of(0.0), List.of(0.25, 0.75, 0.5), Allocation.UNIFORM)
                        .choose(CONFIG, List.of(FIRST, SECOND)));
        assertThrows(IllegalArgumentException.class, () ->
                new PruningPlan(List.of(0.0), List.of(0.0), List.of(0.0), List.of(0.25, 0.75), Allocation.GLOBAL));
    }

    @Test
    void headsMayHaveAnImportanceOfTheirOwn() {
        UnitImportance first = new UnitImportance(FIRST.keys(), FIRST.values(), FIRST.neurons(), Optional.of(new double[] {0, 1}));
        UnitImportance second = new UnitImportance(SECOND.keys(), SECOND.values(), SECOND.neurons(), Optional.of(new double[] {1, 0}));
        List<LayerKeep> keeps = new PruningPlan(0.5, 0, 0, 0, Allocation.UNIFORM).choose(CONFIG, List.of(first, second));
        assertEquals(List.of(2, 3), keeps.get(0).heads().getFirst().keys());
        assertEquals(List.of(0, 1), keeps.get(1).heads().getFirst().keys());
    }

    @Test
    void aHeadGoesWithAllItsColumns() {
        List<LayerKeep> keeps = choose(0.5, 0, 0, 0, Allocation.UNIFORM);
        assertEquals(List.of(new LayerKeep.Head(List.of(0, 1), List.of(0, 1))), keeps.get(0).heads());
        assertEquals(List.of(new LayerKeep.Head(List.of(2, 3), List.of(2, 3))), keeps.get(1).heads());
    }

    @Test
    void columnsGoWithinEachHead() {
        List<LayerKeep> keeps = choose(0, 0.5, 0.5, 0, Allocation.UNIFORM);
        assertEquals(List.of(new LayerKeep.Head(List.of(0), List.of(0)), new LayerKeep.Head(List.of(3), List.of(2))), keeps.get(0).heads());
        assertEquals(List.of(new LayerKeep.Head(List.of(0), List.of(1)), new LayerKeep.Head(List.of(2), List.of(2))), keeps.get(1).heads());
    }

    @Test
    void somethingOfEveryLayerStays() {
        for (Allocation allocation : Allocation.values()) {
            for (LayerKeep keep : choose(0.99, 0.99, 0.99, 0.99, allocation)) {
                assertEquals(1, keep.heads().size());
                assertEquals(1, keep.neurons().size());
            }
        }
    }

    @Test
    void sharesBeyondAllAreRefused() {
        assertThrows(IllegalArgumentException.class, () -> choose(0, 0, 0, 1, Allocation.UNIFORM));
        assertThrows(IllegalArgumentException.class, () -> choose(-0.1, 0, 0, 0, Allocation.UNIFORM));
    }
}
