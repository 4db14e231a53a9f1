package io.leanspike.bench.gpu;

import static org.junit.jupiter.api.Assertions.assertEquals;

import com.google.gson.JsonParser;
import org.junit.jupiter.api.Test;

/** Predictions from counts that need one unit only, worked out by hand from the published rates. */
class RooflineTest {
    private static KernelCounters counted(long blocks, String instructions, String matrix, long issued, long wavefronts, long cache, long memory) {
        return new KernelCounters(JsonParser.parseString("""
                {"blocks": %d, "warp_instructions": %d, "instructions": {%s}, "matrix": {%s},
                 "shared_load": {"wavefronts": %d}, "traffic": {"l2_sector_reads": %d, "dram_bytes_read": %d}}
                """.formatted(blocks, issued, instructions, matrix, wavefronts, cache, memory)).getAsJsonObject());
    }

    @Test
    void matrixInstructionsTakeTheirProductsOverTheRate() {
        String name = "mma.sync.aligned.m16n8k16.row.col.f32.f16.f16.f32";
        Roofline roof = Roofline.of(GpuSpec.A100, counted(108, "\"matrix\": 108000", "\"%s\": 108000".formatted(name), 108000, 0, 0, 0));
        // 1000 a multiprocessor, 2048 products each at 1024 a cycle, 1410 cycles a microsecond.
        assertEquals(2000 / 1410.0, roof.microseconds(), 1e-9);
        assertEquals(Roofline.Bound.MATRIX, roof.bound());
    }

    @Test
    void oneBlockMoreThanMultiprocessorsDoublesTheirWork() {
        Roofline even = Roofline.of(GpuSpec.A100, counted(108, "", "", 108_000, 0, 0, 0));
        Roofline uneven = Roofline.of(GpuSpec.A100, counted(109, "", "", 109_000, 0, 0, 0));
        assertEquals(1000 / 4.0 / 1410, even.microseconds(), 1e-9);
        assertEquals(2 * even.microseconds(), uneven.microseconds(), 1e-9);
    }

    @Test
    void movesCostNothingAndMemoryItsBandwidth() {
        Roofline roof = Roofline.of(GpuSpec.H100, counted(132, "\"move\": 1000000", "", 1_000_000, 0, 0, 3_350_000));
        assertEquals(1, roof.microseconds(), 1e-9);
        assertEquals(Roofline.Bound.MEMORY, roof.bound());
    }

    @Test
    void oneMultiprocessorTakesNoMoreThanItsPortGives() {
        // 2 sectors, 64 bytes, for one of 108 multiprocessors: a cycle, though the cache gives all of them 5120 bytes in one.
        Roofline roof = Roofline.of(GpuSpec.A100, counted(1, "", "", 0, 0, 2 * 1410, 0));
        assertEquals(1, roof.microseconds(), 1e-9);
        assertEquals(Roofline.Bound.CACHE, roof.bound());
    }

    @Test
    void sharedMemoryTakesAPassACycle() {
        Roofline roof = Roofline.of(GpuSpec.A100, counted(108, "", "", 0, 108 * 1410, 0, 0));
        assertEquals(1, roof.microseconds(), 1e-9);
        assertEquals(Roofline.Bound.SHARED, roof.bound());
    }
}
