package io.leanspike.schedule;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.leanspike.error.InvalidInputException;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class TimestepScheduleTest {
    @Test
    void oneNumberStandsForEveryLayer() {
        assertEquals(List.of(8, 8, 8), TimestepSchedule.parse("8", 3).timesteps());
    }

    @Test
    void aListGivesEachLayerItsOwn() {
        TimestepSchedule schedule = TimestepSchedule.parse("8, 4", 2);
        assertEquals(List.of(8, 4), schedule.timesteps());
        assertEquals(6.0, schedule.mean());
        assertFalse(schedule.isUniform());
    }

    @ParameterizedTest
    @ValueSource(strings = {"0", "-1", "four", "", "8,", "1.5", "99999999999", "65537", "8,4,2"})
    void anythingElseIsRefusedAndNamed(String text) {
        InvalidInputException e = assertThrows(InvalidInputException.class, () -> TimestepSchedule.parse(text, 2));
        assertTrue(e.getMessage().startsWith("timesteps"), e.getMessage());
    }
}
