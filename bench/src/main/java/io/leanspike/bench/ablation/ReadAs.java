package io.leanspike.bench.ablation;

import io.leanspike.backend.Backend;
import io.leanspike.backend.BatchRun;
import io.leanspike.backend.GpuProperties;
import io.leanspike.backend.KernelCall;
import io.leanspike.backend.LoadedModel;
import io.leanspike.backend.Population;
import io.leanspike.backend.TokenBatch;
import io.leanspike.model.EncoderWeights;
import io.leanspike.model.ModelConfig;
import io.leanspike.tensor.SpikeTensor;
import java.lang.foreign.Arena;
import java.util.List;
import java.util.Optional;

/** Another backend whose layers read each other by a rule of their own; everything else is that backend's. It does not own it. */
record ReadAs(ReadingRule rule, Backend backend) implements Backend {

    @Override
    public String name() {
        return backend.name();
    }

    @Override
    public String device() {
        return backend.device();
    }

    @Override
    public String variant() {
        return backend.variant();
    }

    @Override
    public int threads() {
        return backend.threads();
    }

    @Override
    public Optional<GpuProperties> gpu() {
        return backend.gpu();
    }

    @Override
    public Optional<String> refusal(KernelCall call) {
        return backend.refusal(call);
    }

    @Override
    public LoadedModel load(ModelConfig config, EncoderWeights weights) {
        LoadedModel loaded = backend.load(config, weights);
        return new LoadedModel() {
            @Override
            public BatchRun begin(TokenBatch batch, Retention retention) {
                return new Run(loaded.begin(batch, Retention.POPULATIONS));
            }

            @Override
            public void close() {
                loaded.close();
            }
        };
    }

    @Override
    public void close() {
        // The backend is someone else's.
    }

    private final class Run implements BatchRun {
        private final BatchRun run;
        /** Spikes that the run may go on reading where they were written. */
        private final Arena written = Arena.ofShared();

        private Run(BatchRun run) {
            this.run = run;
        }

        @Override
        public void execute(List<KernelCall> calls) {
            for (KernelCall call : calls) {
                if (call instanceof KernelCall.SpikeRetime retime) {
                    run.write(new Population(retime.layer(), Population.Kind.INPUT),
                            rule.read(run.spikes(retime.from()), retime.timesteps(), written));
                } else {
                    run.execute(List.of(call));
                }
            }
        }

        @Override
        public void write(Population population, SpikeTensor spikes) {
            run.write(population, spikes);
        }

        @Override
        public void writeQuery(int layer, int timesteps, float[] query) {
            run.writeQuery(layer, timesteps, query);
        }

        @Override
        public void writeCurrent(Population population, int timesteps, float[] current) {
            run.writeCurrent(population, timesteps, current);
        }

        @Override
        public void writeRates(Population population, float[] rates) {
            run.writeRates(population, rates);
        }

        @Override
        public SpikeTensor spikes(Population population) {
            return run.spikes(population);
        }

        @Override
        public double[] rates(Population population) {
            return run.rates(population);
        }

        @Override
        public double[] query(int layer) {
            return run.query(layer);
        }

        @Override
        public long[] spikeTotals(Population population) {
            return run.spikeTotals(population);
        }

        @Override
        public long[] synapseTotals(Population population) {
            return run.synapseTotals(population);
        }

        @Override
        public int[] unitCounts(Population population) {
            return run.unitCounts(population);
        }

        @Override
        public double[][] logits() {
            return run.logits();
        }

        @Override
        public void close() {
            run.close();
            written.close();
        }
    }
}
