package io.leanspike.bench.peers;

import io.leanspike.bench.Contender;
import java.util.Map;

/** The engine's forward passes call by call, as many as fill {@code seconds}: what share of them products take, and how fast they are. */
record SplitForward(EngineForward engine, double seconds) implements Contender {
    static final String SHARE = "product_time_share";
    static final String GMAC = "products_gmac_per_second";

    @Override
    public Map<String, Double> sample() {
        Contender.pause();
        engine.run();
        EngineForward.Shares shares = engine.shares(seconds);
        return Map.of(SHARE, shares.productShare(), GMAC, shares.gmacPerSecond());
    }
}
