package io.leanspike.bench;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.leanspike.bench.Roofs.Instructions;
import io.leanspike.bench.Roofs.Roof;
import org.junit.jupiter.api.Test;

/** Roofs can be had wherever the native library was built. */
class RoofsTest {

    @Test
    void everyLoopOfEveryInstructionSetOfThisMachineGivesAFigure() {
        assumeTrue(Roofs.absence().isEmpty(), () -> Roofs.absence().orElseThrow());
        assertEquals(Instructions.PORTABLE, Roofs.supported().getFirst());
        for (Instructions instructions : Roofs.supported()) {
            for (Roof roof : Roof.values()) {
                for (int threads = 1; threads <= 2; threads++) {
                    double rate = Roofs.measure(roof, instructions, threads, 1e-3);
                    assertTrue(rate > 0 && rate < 1e6, roof + " " + instructions + " " + rate);
                }
            }
        }
    }

    @Test
    void aRoofThatCannotBeMeasuredIsRefused() {
        assumeTrue(Roofs.absence().isEmpty(), () -> Roofs.absence().orElseThrow());
        assertThrows(UnsupportedOperationException.class, () -> Roofs.measure(Roof.COPY, Instructions.PORTABLE, 0, 1));
    }
}
