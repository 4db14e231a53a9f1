package io.leanspike.train.prune;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;

class PruningScheduleTest {
    @Test
    void muchGoesEarlyAndNothingOutsideTheSchedule() {
        PruningSchedule schedule = new PruningSchedule.Cubic(0.2, 0.6);
        assertEquals(0.1, schedule.share(0.1, 0.5, 0), 1e-12);
        assertEquals(0.1, schedule.share(0.1, 0.5, 0.2), 1e-12);
        // Half way: 0.5 - 0.4 / 8.
        assertEquals(0.45, schedule.share(0.1, 0.5, 0.4), 1e-12);
        assertEquals(0.5, schedule.share(0.1, 0.5, 0.6), 1e-12);
        assertEquals(0.5, schedule.share(0.1, 0.5, 1), 1e-12);
        assertFalse(schedule.isComplete(0.599));
        assertTrue(schedule.isComplete(0.6));
    }

    @Test
    void aScheduleWithoutLengthPrunesAtOnce() {
        PruningSchedule schedule = new PruningSchedule.Cubic(0.5, 0.5);
        assertEquals(0, schedule.share(0, 0.5, 0.49));
        assertEquals(0.5, schedule.share(0, 0.5, 0.5));
    }
}
