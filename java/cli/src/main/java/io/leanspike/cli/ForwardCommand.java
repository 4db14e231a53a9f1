package io.leanspike.cli;

import io.leanspike.ModelOptions;
import io.leanspike.SpikingModel;
import io.leanspike.eval.ForwardInputs;
import io.leanspike.eval.ForwardRecording;
import io.leanspike.model.SafetensorsWriter;
import java.nio.file.Path;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

@Command(
        name = "forward",
        mixinStandardHelpOptions = true,
        versionProvider = Version.class,
        sortOptions = false,
        customSynopsis = "leanspike forward [OPTIONS] --inputs=FILE --out=FILE",
        description = {
            "Runs token ids and writes what every population did, for comparison with other implementations.",
            "In: input_ids, token_type_ids, attention_mask, each I64 [B, L].",
            "Out: logits F64 [B, C]; counts.POPULATION F64 [B, L, width], spikes over all timesteps; with --record-spikes"
                    + " spikes.POPULATION U8 [T, B, L, width]; with --mode equilibrium rates.POPULATION instead.", ""
        })
final class ForwardCommand implements Callable<Integer> {
    private final Streams streams;

    @Mixin
    private ModelFolder folder;

    @Option(names = "--inputs", paramLabel = "FILE", required = true, description = "Safetensors file of token ids.")
    private Path inputs;

    @Option(names = "--out", paramLabel = "FILE", required = true, description = "Safetensors file to write.")
    private Path out;

    @Option(names = "--force", description = "Replace a file that is there.")
    private boolean force;

    @Option(names = "--record-spikes", description = "Also write every spike.")
    private boolean recordSpikes;

    @Mixin
    private RunOptions run;

    ForwardCommand(Streams streams) {
        this.streams = streams;
    }

    @Override
    public Integer call() {
        ModelOptions options = run.modelOptions();
        OutputFile target = OutputFile.named(out, force);
        try (BundledFiles bundled = new BundledFiles(); SpikingModel model = SpikingModel.open(folder.path(bundled), options)) {
            model.backend().note().ifPresent(note -> streams.err().println("leanspike: " + note));
            ForwardRecording recording = model.forward(ForwardInputs.read(inputs, model.config()), recordSpikes);
            SafetensorsWriter.write(target.path(), RecordingTensors.of(recording, options.mode()), Map.of());
        }
        return Failures.FINE;
    }
}
