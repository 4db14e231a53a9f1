package io.leanspike.backend;

import io.leanspike.model.EncoderWeights;
import io.leanspike.model.ModelConfig;
import java.util.Optional;

/**
 * Something that executes kernel calls. A backend computes; it decides nothing: which calls, in which order and with which tiles is
 * the planner's business.
 */
public interface Backend extends AutoCloseable {

    /** The name a user picks it by: {@code reference}, {@code cpu}. */
    String name();

    /** What it runs on, in words, for reports. */
    String device();

    /** The kernel variant that serves its operations, for plans and reports. */
    String variant();

    /** Threads it computes with. */
    int threads();

    /** The GPU the planner plans for; empty for a backend on the CPU. */
    default Optional<GpuProperties> gpu() {
        return Optional.empty();
    }

    /** Why the backend cannot execute this call; empty when it can. The planner asks before it plans. */
    Optional<String> refusal(KernelCall call);

    /**
     * Takes the weights into the form its kernels read. The weights must stay open as long as the result.
     *
     * @throws IllegalStateException after close
     */
    LoadedModel load(ModelConfig config, EncoderWeights weights);

    /** Nothing more can be loaded; models that are go on until they are closed themselves. A second call does nothing. */
    @Override
    void close();
}
