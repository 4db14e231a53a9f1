package io.leanspike.backend.cpu;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.leanspike.backend.cpu.bindings.*;
import java.lang.foreign.Arena;
import java.lang.foreign.GroupLayout;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.reflect.Method;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The committed bindings fit the library that was built: sizes, offsets and symbols. */
class AbiLayoutTest {
    /** In the order of their declaration in leanspike.h, as leanspike_abi_layout lists them. */
    private static final List<GroupLayout> STRUCTURES = List.of(
            leanspike_neuron.layout(),
            leanspike_matrix.layout(),
            leanspike_low_bit_matrix.layout(),
            leanspike_layer_norm.layout(),
            leanspike_spike_encode_args.layout(),
            leanspike_spike_matmul_args.layout(),
            leanspike_spiking_attention_args.layout(),
            leanspike_membrane_update_args.layout(),
            leanspike_spike_retime_args.layout(),
            leanspike_spike_count_args.layout(),
            leanspike_synapse_count_args.layout(),
            leanspike_classifier_head_args.layout(),
            leanspike_rate_encode_args.layout(),
            leanspike_rate_matmul_args.layout(),
            leanspike_rate_attention_args.layout());

    @BeforeEach
    void needsTheLibrary() {
        NativeLibrary.absence().ifPresent(why -> assumeTrue(false, why));
    }

    @Test
    void everySizeAndOffsetIsTheLibrarys() {
        List<Long> bindings = new ArrayList<>();
        for (GroupLayout structure : STRUCTURES) {
            bindings.add(structure.byteSize());
            for (MemoryLayout member : structure.memberLayouts()) {
                member.name().ifPresent(
                        name -> bindings.add(structure.byteOffset(MemoryLayout.PathElement.groupElement(name))));
            }
        }
        List<Long> library = new ArrayList<>();
        try (Arena arena = Arena.ofConfined()) {
            int length = LeanSpikeNative.leanspike_abi_layout(MemorySegment.NULL, 0);
            MemorySegment entries = arena.allocate(ValueLayout.JAVA_LONG, length);
            LeanSpikeNative.leanspike_abi_layout(entries, length);
            for (int i = 0; i < length; i++) {
                library.add(entries.getAtIndex(ValueLayout.JAVA_LONG, i));
            }
        }
        assertEquals(library, bindings);
    }

    @Test
    void everyFunctionOfTheBindingsIsExported() {
        List<String> functions = new ArrayList<>();
        for (Method method : LeanSpikeNative.class.getMethods()) {
            if (method.getName().startsWith("leanspike_") && !method.getName().contains("$")) {
                functions.add(method.getName());
            }
        }
        assertTrue(functions.contains("leanspike_spike_matmul"), "the list of functions is broken: " + functions);
        for (String function : functions) {
            assertTrue(NativeLibrary.exports(function), function + " is in the bindings, but the library does not export it");
        }
    }

    @Test
    void bindingsAndLibraryHaveOneVersion() {
        assertEquals(LeanSpikeNative.LEANSPIKE_ABI_VERSION(), LeanSpikeNative.leanspike_abi_version());
    }
}
