package io.leanspike;

import io.leanspike.backend.Backend;
import io.leanspike.backend.BatchRun;
import io.leanspike.backend.LoadedModel;
import io.leanspike.backend.TokenBatch;
import io.leanspike.compress.ActivityMeasurement;
import io.leanspike.compress.CalibratedQuantization;
import io.leanspike.compress.CalibratedQuantization.Correction;
import io.leanspike.compress.Calibration;
import io.leanspike.compress.EncoderBits;
import io.leanspike.compress.LayerActivity;
import io.leanspike.compress.LayerSpectrum;
import io.leanspike.compress.NeuronCalibration;
import io.leanspike.compress.PotentialMeasurement;
import io.leanspike.compress.RateConvergence;
import io.leanspike.error.InvalidInputException;
import io.leanspike.eval.EarlyExit;
import io.leanspike.eval.Evaluation;
import io.leanspike.eval.Evaluator;
import io.leanspike.eval.ForwardInputs;
import io.leanspike.eval.ForwardRecording;
import io.leanspike.eval.InferenceSession;
import io.leanspike.eval.Progress;
import io.leanspike.eval.SpikeAccount;
import io.leanspike.model.Checkpoint;
import io.leanspike.model.EncoderWeights;
import io.leanspike.model.ModelConfig;
import io.leanspike.model.NeuronSettings;
import io.leanspike.schedule.CostFile;
import io.leanspike.schedule.Mode;
import io.leanspike.schedule.Planner;
import io.leanspike.schedule.TimestepSchedule;
import io.leanspike.text.Encoding;
import io.leanspike.text.GlueExample;
import io.leanspike.text.GlueTask;
import io.leanspike.text.LengthBatch;
import io.leanspike.text.LengthBatches;
import io.leanspike.text.TextInput;
import io.leanspike.text.Tokenizer;
import java.lang.foreign.SegmentAllocator;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.locks.ReentrantReadWriteLock;
import java.util.function.Supplier;
import java.util.stream.IntStream;

/**
 * A spiking language model, ready to run.
 *
 * <p>Classify:
 * <pre>{@code
 * try (SpikingModel model = SpikingModel.open(Path.of("models/sst2"))) {
 *     Classification answer = model.classify("a warm and funny film");
 *     System.out.println(answer.label());
 * }
 * }</pre>
 *
 * <p>Evaluate at another number of timesteps:
 * <pre>{@code
 * ModelOptions options = ModelOptions.DEFAULTS.withTimesteps(4).withInitialPotential(0.5);
 * try (SpikingModel model = SpikingModel.open(directory, options)) {
 *     List<GlueExample> examples = GlueReader.read(GlueTask.SST_2, GlueTask.SST_2.file(data, "dev"));
 *     Evaluation evaluation = model.evaluate(GlueTask.SST_2, examples);
 *     System.out.println(evaluation.metrics().get("accuracy"));
 * }
 * }</pre>
 *
 * <p>Thread-safe: any number of threads may use one model, and get the same results as one thread would. {@link #close} waits for
 * calls under way and frees all memory; running the model after it throws {@link IllegalStateException}. Mistakes in files and options are
 * {@link InvalidInputException}s whose message is meant for the user.
 */
public final class SpikingModel implements AutoCloseable {
    private final Checkpoint checkpoint;
    private final ModelConfig config;
    private final ModelOptions options;
    private final TimestepSchedule schedule;
    private final double initialPotential;
    private final BackendSelection selection;
    private final LoadedModel loaded;
    private final InferenceSession session;
    private final ReentrantReadWriteLock lifetime = new ReentrantReadWriteLock();
    private Optional<Tokenizer> tokenizer = Optional.empty();
    private boolean closed;

    private SpikingModel(Checkpoint checkpoint, ModelOptions options) {
        this.checkpoint = checkpoint;
        this.options = options;
        ModelConfig stored = checkpoint.config();
        schedule = schedule(options, stored);
        initialPotential = options.initialPotential().orElse(stored.spiking().initialPotential());
        if (!(initialPotential >= 0 && initialPotential < 1)) {
            throw new InvalidInputException("initial potential: %s is not from 0 to below 1 (a share of the threshold)"
                    .formatted(initialPotential));
        }
        config = options.initialPotential().isPresent() ? stored.withSpiking(stored.spiking().withInitialPotential(initialPotential))
                : stored;
        selection = BackendSelection.open(options.backend(), options.device(), options.threads());
        try {
            loaded = selection.backend().load(config, checkpoint.weights());
        } catch (RuntimeException | Error e) {
            selection.backend().close();
            throw e;
        }
        try {
            session = session(config, schedule);
        } catch (RuntimeException | Error e) {
            closeBackend();
            throw e;
        }
    }

    /** Opens a checkpoint directory (config.json, model.safetensors, vocab.txt or tokenizer.json) with {@link ModelOptions#DEFAULTS}. */
    public static SpikingModel open(Path directory) {
        return open(directory, ModelOptions.DEFAULTS);
    }

    /** @throws InvalidInputException when the directory, a file in it or an option is not as it must be; names which and why */
    public static SpikingModel open(Path directory, ModelOptions options) {
        Checkpoint checkpoint = Checkpoint.open(directory);
        try {
            return new SpikingModel(checkpoint, options);
        } catch (RuntimeException | Error e) {
            checkpoint.close();
            throw e;
        }
    }

    private static TimestepSchedule schedule(ModelOptions options, ModelConfig config) {
        List<Integer> asked = options.timesteps();
        if (asked.isEmpty()) {
            return new TimestepSchedule(config.spiking().timesteps());
        }
        return asked.size() == 1 ? TimestepSchedule.uniform(asked.getFirst(), config.hiddenLayers()) : new TimestepSchedule(asked);
    }

    /** As config.json has it, but for the initial potentials where the options say otherwise. */
    public ModelConfig config() {
        return config;
    }

    public ModelOptions options() {
        return options;
    }

    /** Timesteps that the model runs with. */
    public TimestepSchedule schedule() {
        return schedule;
    }

    /** u0 that the model runs with, as a share of the threshold. */
    public double initialPotential() {
        return initialPotential;
    }

    /** The backend that serves, and why where it is not the first choice. */
    public BackendSelection backend() {
        return selection;
    }

    /** Bytes of the weights on disk. */
    public long bytes() {
        return checkpoint.bytes();
    }

    public Classification classify(String text) {
        return classify(List.of(new TextInput(text, Optional.empty()))).getFirst();
    }

    /** Answers in the order of the inputs. */
    public List<Classification> classify(List<TextInput> inputs) {
        return whileOpen(() -> {
            List<Encoding> encodings = tokenizer().encode(inputs);
            List<double[]> logits = LengthBatches.cut(encodings, options.batchSize(), config())
                    .map(batch -> List.of(session.logits(batch)));
            return IntStream.range(0, inputs.size())
                    .mapToObj(i -> Classification.of(logits.get(i), config().labels(), encodings.get(i).truncated()))
                    .toList();
        });
    }

    public Evaluation evaluate(GlueTask task, List<GlueExample> examples) {
        return evaluate(task, examples, Progress.SILENT);
    }

    /** Runs every example and scores the answers with the task's own metrics. */
    public Evaluation evaluate(GlueTask task, List<GlueExample> examples, Progress progress) {
        return whileOpen(() ->
                new Evaluator(session, tokenizer(), config(), options.batchSize()).evaluate(task, examples, progress));
    }

    /** Runs texts for what their spikes cost; no labels are needed. */
    public SpikeAccount account(List<TextInput> inputs) {
        return whileOpen(() -> new Evaluator(session, tokenizer(), config(), options.batchSize()).account(inputs));
    }

    /**
     * As {@link #evaluate(GlueTask, List, Progress)}, sequences leaving where their decision has settled.
     *
     * @throws InvalidInputException when there is no decision that could settle: of a regression, or at equilibrium
     */
    public Evaluation evaluate(GlueTask task, List<GlueExample> examples, Progress progress, EarlyExit exit) {
        if (options.mode() == Mode.EQUILIBRIUM && exit.margin() <= 1) {
            throw new InvalidInputException("early exit: there are no timesteps to save at equilibrium");
        }
        return whileOpen(() ->
                new Evaluator(session, tokenizer(), config(), options.batchSize(), exit).evaluate(task, examples, progress));
    }

    /** As {@link #evaluate(GlueTask, List)}, with other neurons in the populations that are named. */
    public Evaluation evaluate(GlueTask task, List<GlueExample> examples, Map<String, NeuronSettings> neurons) {
        return whileOpen(() -> {
            InferenceSession other = session(config.withSpiking(config.spiking().withPopulations(neurons)), schedule);
            return new Evaluator(other, tokenizer(), config, options.batchSize()).evaluate(task, examples, Progress.SILENT);
        });
    }

    /** Of other neurons or timesteps than the model's: they are the plan's. */
    private InferenceSession session(ModelConfig changed, TimestepSchedule timesteps) {
        Planner planner = new Planner(changed, checkpoint.weights(), timesteps, options.mode(), initialPotential, CostFile.load(),
                options.densities(), selection.backend());
        return new InferenceSession(loaded, planner, checkpoint.weights(), selection.backend());
    }

    /** Runs rectangular token ids and keeps what every population did. */
    public ForwardRecording forward(ForwardInputs inputs, boolean withSpikes) {
        return whileOpen(() -> {
            try (BatchRun run = session.record(inputs.batch())) {
                return ForwardRecording.of(inputs, session.plan(inputs.batch()), run, withSpikes);
            }
        });
    }

    /** What the units of each layer do on calibration text; truncated as usual. */
    public List<LayerActivity> activity(List<TextInput> inputs) {
        return whileOpen(() -> {
            ActivityMeasurement measurement = new ActivityMeasurement(session, config());
            batches(inputs).forEach(measurement::add);
            return measurement.layers();
        });
    }

    /**
     * How the accumulated membrane potentials of each layer spread on calibration text.
     *
     * @throws UnsupportedOperationException when the model does not run on the reference backend, the only one that keeps potentials
     */
    public List<LayerSpectrum> spectra(List<TextInput> inputs) {
        return whileOpen(() -> {
            PotentialMeasurement measurement = new PotentialMeasurement(session, config());
            batches(inputs).forEach(measurement::add);
            return measurement.layers();
        });
    }

    /**
     * This model's weights with low-bit layers, corrected on calibration text; the model itself stays as it is.
     *
     * @param allocator gives the memory of the matrices
     */
    public EncoderWeights quantized(EncoderBits bits, Correction correction, List<TextInput> inputs, SegmentAllocator allocator) {
        return whileOpen(() -> new CalibratedQuantization(selection.backend(), config(), schedule, initialPotential, bits, correction)
                .quantize(checkpoint.weights(), batches(inputs), allocator));
    }

    /**
     * The fewest timesteps of each layer with which the rates of its populations are, on average over calibration text, within
     * {@code tolerance} of what they are with {@code most}.
     */
    public List<Integer> convergedTimesteps(List<TextInput> inputs, int most, double tolerance) {
        return whileOpen(() -> new RateConvergence(calibration(inputs), tolerance).timesteps(most));
    }

    /** Neurons of each population whose rates at this model's timesteps come nearest to those at many, on calibration text. */
    public Map<String, NeuronSettings> calibratedNeurons(List<TextInput> inputs) {
        return whileOpen(() -> new NeuronCalibration(calibration(inputs), schedule).calibrate());
    }

    private Calibration calibration(List<TextInput> inputs) {
        return new Calibration(selection.backend(), loaded, config, checkpoint.weights(), batches(inputs));
    }

    private List<TokenBatch> batches(List<TextInput> inputs) {
        return LengthBatches.cut(tokenizer().encode(inputs), options.batchSize(), config()).batches()
                .stream().map(LengthBatch::tokens).toList();
    }

    /** The tokenizer, opened on first use: a run from ids needs none. */
    private synchronized Tokenizer tokenizer() {
        if (tokenizer.isEmpty()) {
            tokenizer = Optional.of(Tokenizer.open(checkpoint.directory(), config().maxPositions(), config().vocabularySize()));
        }
        return tokenizer.get();
    }

    private <T> T whileOpen(Supplier<T> body) {
        lifetime.readLock().lock();
        try {
            if (closed) {
                throw new IllegalStateException("the model is closed");
            }
            return body.get();
        } finally {
            lifetime.readLock().unlock();
        }
    }

    /**
     * Waits for calls under way, then frees the weights, the batch memory, the worker threads and the mapped file.
     *
     * @throws IllegalStateException when called from inside one of this model's own calls
     */
    @Override
    public void close() {
        if (lifetime.getReadHoldCount() > 0) {
            throw new IllegalStateException("a model cannot be closed by a call of its own, such as one that reports progress");
        }
        lifetime.writeLock().lock();
        try {
            if (closed) {
                return;
            }
            closed = true;
            // What a broken device makes of its own memory, the file is unmapped.
            try (checkpoint) {
                tokenizer.ifPresent(Tokenizer::close);
                closeBackend();
            }
        } finally {
            lifetime.writeLock().unlock();
        }
    }

    private void closeBackend() {
        try (Backend backend = selection.backend()) {
            loaded.close();
        }
    }
}
