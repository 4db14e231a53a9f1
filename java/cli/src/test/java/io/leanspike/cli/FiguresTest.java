package io.leanspike.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.api.Test;

class FiguresTest {
    @Test
    void threeDigitsAndAUnit() {
        assertEquals("0", Figures.count(0));
        assertEquals("999", Figures.count(999));
        assertEquals("1.00 k", Figures.count(999.7));
        assertEquals("1.23 M", Figures.count(1_234_567));
        assertEquals("12.8", Figures.count(12.83));
        assertEquals("512 B", Figures.bytes(512));
        assertEquals("5.64 MB", Figures.bytes(5_638_896));
        assertEquals("16.5 uJ", Figures.joules(16.5e-6));
        assertEquals("1.00 mJ", Figures.joules(0.9999e-3));
        assertEquals("0.00 J", Figures.joules(0));
        assertEquals("1.50 s", Figures.seconds(1.5));
        assertEquals("2:05", Figures.seconds(125));
        assertEquals("1:00:01", Figures.clock(3601));
        assertEquals("30.1%", Figures.percent(0.3012));
    }
}
