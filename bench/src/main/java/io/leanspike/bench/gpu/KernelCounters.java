package io.leanspike.bench.gpu;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import java.util.LinkedHashMap;
import java.util.Map;

/** What the software GPU counted for one kernel; native/softgpu/README.md defines each counter. */
record KernelCounters(JsonObject json) {

    /** By kernel, from the counters' JSON text. */
    static Map<String, KernelCounters> parse(String text) {
        Map<String, KernelCounters> kernels = new LinkedHashMap<>();
        JsonParser.parseString(text).getAsJsonObject().entrySet()
                .forEach(entry -> kernels.put(entry.getKey(), new KernelCounters(entry.getValue().getAsJsonObject())));
        return kernels;
    }

    private double number(String... path) {
        JsonElement at = json;
        for (String name : path) {
            at = at.getAsJsonObject().get(name);
            if (at == null) {
                return 0;
            }
        }
        return at.getAsDouble();
    }

    long launches() {
        return (long) number("launches");
    }

    long blocks() {
        return (long) number("blocks");
    }

    /** Warp instructions of a class, such as "integer" or "matrix". */
    double instructions(String kind) {
        return number("instructions", kind);
    }

    double instructions() {
        return number("warp_instructions");
    }

    /** Warp instructions by class. */
    Map<String, Double> classes() {
        Map<String, Double> classes = new LinkedHashMap<>();
        json.getAsJsonObject("instructions").entrySet().forEach(entry -> classes.put(entry.getKey(), entry.getValue().getAsDouble()));
        return classes;
    }

    /** Matrix instructions by PTX name. */
    Map<String, Double> matrixShapes() {
        Map<String, Double> shapes = new LinkedHashMap<>();
        json.getAsJsonObject("matrix").entrySet().forEach(entry -> shapes.put(entry.getKey(), entry.getValue().getAsDouble()));
        return shapes;
    }

    /** Share of the 32 lanes that an instruction runs in, on average. */
    double activeLanes() {
        return number("active_lanes_per_instruction") / 32;
    }

    double matrixShare() {
        return number("matrix_share");
    }

    /** Shared-memory passes over the fewest that the same accesses could take. */
    double conflictFactor() {
        double ideal = shared("ideal_wavefronts");
        return ideal == 0 ? 1 : shared("wavefronts") / ideal;
    }

    double sharedPasses() {
        return shared("wavefronts");
    }

    private double shared(String what) {
        return number("shared_load", what) + number("shared_store", what) + number("shared_atomic", what);
    }

    /** 32-byte sectors that a warp's global access touches. */
    double sectorsPerRequest() {
        double requests = global("requests");
        return requests == 0 ? 0 : global("sectors") / requests;
    }

    private double global(String what) {
        return number("global_load", what) + number("global_store", what) + number("global_atomic", what);
    }

    /** Bytes that pass between multiprocessors and second-level cache. */
    double cacheBytes() {
        return 32 * (number("traffic", "l2_sector_reads") + number("traffic", "l2_sector_writes"));
    }

    /** Bytes between the modelled second-level cache, empty at the start and written back at the end, and memory. */
    double memoryBytes() {
        return number("traffic", "dram_bytes_read") + number("traffic", "dram_bytes_written");
    }
}
