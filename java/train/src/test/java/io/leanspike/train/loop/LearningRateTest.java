package io.leanspike.train.loop;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.api.Test;

class LearningRateTest {
    @Test
    void risesThenFallsLinearly() {
        LearningRate rate = new LearningRate(1e-3, 10, 110, 0);
        assertEquals(1e-4, rate.at(1), 1e-12);
        assertEquals(1e-3, rate.at(10), 1e-12);
        assertEquals(5e-4, rate.at(60), 1e-12);
        assertEquals(0, rate.at(110), 1e-12);
    }
}
