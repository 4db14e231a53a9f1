package io.leanspike.bench.peers;

import java.util.Locale;

/** Who takes part in a comparison. */
enum Entrant {
    ENGINE("engine", "LeanSpike, backend cpu"),
    ENGINE_1_THREAD("engine, 1 thread", "the same on one thread"),
    TORCH_LOOP("(a)", "time loop over float32 PyTorch operations, as SpikingBERT's own code"),
    TORCH_FOLDED("(b)", "float32 PyTorch with time folded into the products"),
    TORCH_FOLDED_ONEDNN("(b) oneDNN", "(b) with its products written as 1x1 convolutions"),
    ONNX_FLOAT32("(c)", "dense float32 BERT of the same shape in ONNX Runtime"),
    ONNX_INT8("(d)", "dense 8-bit MiniLM in ONNX Runtime");

    private final String title;
    private final String meaning;

    Entrant(String title, String meaning) {
        this.title = title;
        this.meaning = meaning;
    }

    /** As table heads name it. */
    String title() {
        return title;
    }

    String meaning() {
        return meaning;
    }

    /** As JSON lines name it. */
    String key() {
        return name().toLowerCase(Locale.ROOT);
    }

    /** Computes the same classification as the engine, timestep by timestep. */
    boolean isSpikingPeer() {
        return this == TORCH_LOOP || this == TORCH_FOLDED || this == TORCH_FOLDED_ONEDNN;
    }

    /** @throws IllegalArgumentException when it is none of PyTorch's */
    TorchOrder torchOrder() {
        return switch (this) {
            case TORCH_LOOP -> new TorchTimeLoop(TorchLinear.PLAIN);
            case TORCH_FOLDED -> new TorchTimeFolded(TorchLinear.PLAIN);
            case TORCH_FOLDED_ONEDNN -> new TorchTimeFolded(TorchLinear.ONE_DNN);
            case ENGINE, ENGINE_1_THREAD, ONNX_FLOAT32, ONNX_INT8 -> throw new IllegalArgumentException(this + " is not PyTorch");
        };
    }
}
