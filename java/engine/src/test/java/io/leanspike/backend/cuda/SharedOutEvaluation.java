package io.leanspike.backend.cuda;

import io.leanspike.BackendSelection;
import io.leanspike.ModelOptions;
import io.leanspike.SpikingModel;
import io.leanspike.eval.Prediction;
import io.leanspike.text.GlueExample;
import io.leanspike.text.GlueReader;
import io.leanspike.text.GlueTask;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SymbolLookup;
import java.lang.foreign.ValueLayout;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;

/** Prints each sentence's logits, then, for each device of the software GPU, the name of every kernel that it ran and how often. */
final class SharedOutEvaluation {
    private SharedOutEvaluation() {}

    /** Arguments: model folder, file of sentences, number of sentences, batch size. */
    public static void main(String[] arguments) throws Throwable {
        List<GlueExample> some = GlueReader.read(GlueTask.SST_2, Path.of(arguments[1])).subList(0, Integer.parseInt(arguments[2]));
        ModelOptions options = ModelOptions.DEFAULTS.withBackend("cuda").withDevice(BackendSelection.SOFTWARE).withTimesteps(2)
                .withBatchSize(Integer.parseInt(arguments[3]));
        try (SpikingModel model = SpikingModel.open(Path.of(arguments[0]), options)) {
            for (Prediction prediction : model.evaluate(GlueTask.SST_2, some).predictions()) {
                System.out.println("logits " + Arrays.toString(prediction.logits()));
            }
            for (int device = 0; device < model.backend().backend().threads(); device++) {
                System.out.println("heads %d".formatted(launches(device, "classifier_head_b128")));
            }
        }
    }

    private static long launches(int device, String kernel) throws Throwable {
        var counters = Linker.nativeLinker().downcallHandle(SymbolLookup.loaderLookup().findOrThrow("softgpu_counters_json"),
                FunctionDescriptor.of(ValueLayout.JAVA_LONG, ValueLayout.JAVA_INT, ValueLayout.ADDRESS, ValueLayout.JAVA_LONG));
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment text = arena.allocate(1 << 20);
            long ignored = (long) counters.invokeExact(device, text, text.byteSize());
            var kernels = com.google.gson.JsonParser.parseString(text.getString(0)).getAsJsonObject();
            return kernels.has(kernel) ? kernels.getAsJsonObject(kernel).get("launches").getAsLong() : 0;
        }
    }
}
