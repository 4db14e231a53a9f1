package io.leanspike.eval;

/** The exact sign test: two models on the same examples, of which only those count where one is better than the other. */
public final class SignTest {
    private SignTest() {}

    /**
     * How probable it is that of {@code wins + losses} examples at least {@code wins} are won where each is as likely lost: one-sided, the
     * upper tail of a binomial distribution of 1/2.
     *
     * @return 1 where there are none
     */
    public static double chance(int wins, int losses) {
        if (wins < 0 || losses < 0) {
            throw new IllegalArgumentException("%d wins and %d losses".formatted(wins, losses));
        }
        int all = wins + losses;
        // The logarithm of what n heads in n throws have, then of one head less, and so on: 2^-n itself may be below every double.
        double term = -all * Math.log(2);
        double sum = 0;
        for (int heads = all; heads >= wins; heads--) {
            sum += Math.exp(term);
            term += Math.log(heads) - Math.log(all - heads + 1.0);
        }
        return Math.min(1, sum);
    }
}
