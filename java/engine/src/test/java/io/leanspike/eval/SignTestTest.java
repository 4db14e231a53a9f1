package io.leanspike.eval;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import org.junit.jupiter.api.Test;

class SignTestTest {
    /** Coins: (C(5,4) + C(5,5)) / 2^5 and so on. */
    @Test
    void itIsTheTailOfFairCoins() {
        assertEquals(6.0 / 32, SignTest.chance(4, 1), 1e-12);
        assertEquals(1.0 / 1024, SignTest.chance(10, 0), 1e-15);
        assertEquals(11.0 / 1024, SignTest.chance(9, 1), 1e-14);
        assertEquals(1, SignTest.chance(0, 0));
        assertEquals(1, SignTest.chance(0, 7), 1e-12);
    }

    /** The tail from the middle on is half of all and half of the middle's own C(2n,n) / 4^n = 1 / sqrt(pi n) (1 - 1/(8n) + ...). */
    @Test
    void itHoldsWhereTwoToTheMinusNIsBelowEveryDouble() {
        int n = 5000;
        double middle = (1 - 1 / (8.0 * n)) / Math.sqrt(Math.PI * n);
        assertEquals(0.5 + middle / 2, SignTest.chance(n, n), 1e-9);
    }

    @Test
    void countsBelowNothingAreRefused() {
        assertThrows(IllegalArgumentException.class, () -> SignTest.chance(-1, 2));
    }
}
