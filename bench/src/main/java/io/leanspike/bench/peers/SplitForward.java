package io.leanspike.bench.peers;

import io.leanspike.bench.Contender;
import java.util.Map;

/** The engine's forward pass call by call: what share of it products take, and how fast they are. */
record SplitForward(EngineForward engine) implements Contender {
    static final String SHARE = "product_time_share";
    static final String GMAC = "products_gmac_per_second";

    @Override
    public Map<String, Double> sample() {
        Contender.pause();
        engine.run();
        EngineForward.Shares shares = engine.shares();
        return Map.of(SHARE, shares.productShare(), GMAC, shares.gmacPerSecond());
    }
}
