package io.leanspike.bench.gpu;

import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import io.leanspike.error.InvalidInputException;
import io.leanspike.SpikingModel;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;

/** What the assembler said each kernel needs on each architecture: kernels.json of the engine. */
record KernelNeeds(JsonObject entries) {
    /** Of a thread and of a block. */
    record Need(int registers, int staticSharedBytes) {}

    static KernelNeeds read() {
        try (InputStream in = SpikingModel.class.getResourceAsStream("/io/leanspike/cuda/kernels.json")) {
            if (in == null) {
                throw new InvalidInputException("this build has no CUDA kernels: install nvcc 12 or newer and build again");
            }
            return new KernelNeeds(JsonParser.parseReader(new InputStreamReader(in, StandardCharsets.UTF_8)).getAsJsonObject()
                    .getAsJsonObject("entries"));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** By architecture: {@code sm_80} and so on, those that have a cubin of this kernel. */
    Map<String, Need> of(String entry) {
        return entries.getAsJsonObject(entry).getAsJsonObject("needs").entrySet().stream().collect(Collectors.toMap(
                Map.Entry::getKey,
                need -> new Need(need.getValue().getAsJsonObject().get("registers").getAsInt(),
                        need.getValue().getAsJsonObject().get("static_shared_bytes").getAsInt()),
                (a, b) -> a, () -> new TreeMap<>((a, b) -> Integer.compare(Integer.parseInt(a.substring(3)), Integer.parseInt(b.substring(3))))));
    }
}
