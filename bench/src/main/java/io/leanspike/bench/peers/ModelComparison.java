package io.leanspike.bench.peers;

import ai.djl.ndarray.NDManager;
import io.leanspike.backend.Backend;
import io.leanspike.backend.Population;
import io.leanspike.backend.TokenBatch;
import io.leanspike.bench.Contender;
import io.leanspike.bench.Effort;
import io.leanspike.bench.Rounds;
import io.leanspike.bench.Spread;
import io.leanspike.schedule.SpikeDensities;
import io.leanspike.train.nn.Torch;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;

/** All entrants on one spiking model, batch after batch: checked against the engine first, then timed by turns. */
final class ModelComparison implements AutoCloseable {
    private static final int CHECKED_SEQUENCES = 16;
    private static final int CHECKED_LENGTH = 4;

    private final Checkpointed subject;
    private final Map<Entrant, Backend> backends;
    private final DensePeers dense;
    private final Selection selection;
    private final Effort effort;
    private final NDManager manager = Torch.manager();
    private final TorchEncoder encoder;
    private final int timesteps;

    /**
     * Checks the spiking peers on a few short sequences.
     *
     * @param backends of the two engine entrants
     * @throws Disagreement when one does not compute what the engine computes
     */
    ModelComparison(Checkpointed subject, int timesteps, Map<Entrant, Backend> backends, DensePeers dense, Selection selection,
            Effort effort) {
        this.subject = subject;
        this.timesteps = timesteps;
        this.backends = backends;
        this.dense = dense;
        this.selection = selection;
        this.effort = effort;
        encoder = TorchEncoder.of(manager, subject.config(), subject.weights());
        TokenBatch few = subject.batch(CHECKED_SEQUENCES, CHECKED_LENGTH);
        List<Entry> entries = enter(few, SpikeDensities.TYPICAL);
        try {
            agreement(entries).forEach((peer, agreement) -> require(agreement.isEqual(), peer, agreement));
        } catch (RuntimeException | Error e) {
            manager.close();
            throw e;
        } finally {
            entries.forEach(Entry::close);
        }
    }

    private void require(boolean holds, String peer, LogitAgreement agreement) {
        if (!holds) {
            throw new Disagreement("T = %d: %s does not compute what the engine computes: %s".formatted(timesteps, peer, agreement));
        }
    }

    private List<Entry> enter(TokenBatch batch, SpikeDensities expected) {
        List<Entry> entries = new ArrayList<>();
        for (Entrant entrant : Entrant.values()) {
            if (selection.has(entrant)) {
                switch (entrant) {
                    case ENGINE, ENGINE_1_THREAD -> entries.add(Entry.engine(entrant, backends.get(entrant), subject, batch, timesteps, expected));
                    case TORCH_LOOP, TORCH_FOLDED, TORCH_FOLDED_ONEDNN -> entries.add(Entry.torch(entrant, encoder, batch, timesteps));
                    case ONNX_FLOAT32, ONNX_INT8 -> dense.encoder(entrant).ifPresent(model -> entries.add(Entry.dense(entrant, model, batch)));
                }
            }
        }
        return entries;
    }

    ForwardComparison run(Setting setting) {
        TokenBatch batch = subject.batch(setting.sequences(), setting.length());
        Map<Population, Double> densities = densities(batch);
        List<Entry> entries = enter(batch, new SpikeDensities(densities, SpikeDensities.TYPICAL.otherwise()));
        try {
            return timed(setting, entries, byKind(densities), agreement(entries));
        } finally {
            entries.forEach(Entry::close);
        }
    }

    private Map<Population, Double> densities(TokenBatch batch) {
        try (EngineForward engine = new EngineForward(backends.get(Entrant.ENGINE), subject, batch, timesteps, SpikeDensities.TYPICAL)) {
            return engine.densities();
        }
    }

    private static Map<String, Double> byKind(Map<Population, Double> densities) {
        return densities.entrySet().stream().collect(Collectors.groupingBy(
                entry -> entry.getKey().kind().name().toLowerCase(Locale.ROOT), Collectors.averagingDouble(Map.Entry::getValue)));
    }

    /** Of each spiking peer with the engine. */
    private static Map<String, LogitAgreement> agreement(List<Entry> entries) {
        double[][] engine = ((PreparedForward.Spiking) entries.getFirst().forward()).logits();
        Map<String, LogitAgreement> agreement = new LinkedHashMap<>();
        for (Entry entry : entries) {
            if (entry.entrant().isSpikingPeer()) {
                agreement.put(entry.entrant().key(), LogitAgreement.of(engine, ((PreparedForward.Spiking) entry.forward()).logits()));
            }
        }
        return agreement;
    }

    private ForwardComparison timed(Setting setting, List<Entry> entries, Map<String, Double> densities, Map<String, LogitAgreement> agreement) {
        List<Contender> contenders = new ArrayList<>();
        for (Entry entry : entries) {
            contenders.add(new TimedForward(entry.entrant().key(), entry.forward(), setting.sequences(), effort.sampleSeconds()));
        }
        contenders.add(new SplitForward((EngineForward) entries.getFirst().forward(), effort.sampleSeconds()));
        Rounds rounds = Rounds.run(contenders, effort.warmUps(), effort.rounds());
        Map<String, Spread> rates = new LinkedHashMap<>();
        Map<String, Spread> ratios = new LinkedHashMap<>();
        for (Entry entry : entries) {
            String key = entry.entrant().key();
            rates.put(key, rounds.spread(key));
            if (entry.entrant() != Entrant.ENGINE) {
                ratios.put(key, rounds.ratio(Entrant.ENGINE.key(), key));
            }
        }
        Map<String, Spread> products = new TreeMap<>();
        for (String figure : List.of(SplitForward.SHARE, SplitForward.GMAC)) {
            products.put(figure, rounds.spread(figure));
        }
        return new ForwardComparison(setting, densities, setting.gmac(subject.config()), rates, ratios, agreement, products);
    }

    @Override
    public void close() {
        manager.close();
    }
}
