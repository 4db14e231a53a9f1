package io.leanspike.bench;

import io.leanspike.backend.PackagedLibrary;
import io.leanspike.error.InvalidInputException;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.SymbolLookup;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/**
 * The most that this machine gives to the inner loops of a product: native loops over registers, in {@code bench/native}, at some number of
 * threads. The library lies in the benchmarks' jar; the system property {@code leanspike.roofs} may name a file instead.
 */
public final class Roofs {
    /** What is measured; {@code code} is that of roofs.h. */
    public enum Roof {
        /** A ternary product of bits, AND + POPCNT over two planes: GMAC/s, dense-equivalent. */
        POPCOUNT(0, "GMAC/s"),
        /** Spikes by signed bytes, VPDPBUSD where there is one: GMAC/s. */
        BYTE_DOT(1, "GMAC/s"),
        /** float32 fused multiply-adds: GMAC/s. */
        FLOAT_FMA(2, "GMAC/s"),
        /** memcpy beyond the caches: GB/s read, and as many written. */
        COPY(3, "GB/s");

        private final int code;
        private final String unit;

        Roof(int code, String unit) {
            this.code = code;
            this.unit = unit;
        }

        public String unit() {
            return unit;
        }

        /** As figures are called in a record. */
        @Override
        public String toString() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    /** Instruction sets of the loops, in rising order. */
    public enum Instructions {
        PORTABLE("portable"), AVX2("AVX2"), AVX_VNNI("AVX2 VNNI"), AVX512("AVX-512"), AVX512_VPOPCNTDQ_VNNI("AVX-512 VPOPCNTDQ VNNI");

        private final String text;

        Instructions(String text) {
            this.text = text;
        }

        @Override
        public String toString() {
            return text;
        }
    }

    private static final class Library {
        static final Optional<String> ABSENCE = PackagedLibrary.load("leanspike_roofs", "leanspike.roofs");
        static final MethodHandle SUPPORTED = find("roof_supported", FunctionDescriptor.of(ValueLayout.JAVA_INT, ValueLayout.JAVA_INT));
        static final MethodHandle MEASURE = find("roof_measure", FunctionDescriptor.of(ValueLayout.JAVA_DOUBLE, ValueLayout.JAVA_INT,
                ValueLayout.JAVA_INT, ValueLayout.JAVA_INT, ValueLayout.JAVA_DOUBLE));

        private static MethodHandle find(String name, FunctionDescriptor type) {
            ABSENCE.ifPresent(why -> {
                throw new InvalidInputException("no roofs here: " + why);
            });
            return Linker.nativeLinker().downcallHandle(SymbolLookup.loaderLookup().findOrThrow(name), type);
        }
    }

    private Roofs() {}

    /** Why roofs cannot be measured here, and what to do; empty when they can. */
    public static Optional<String> absence() {
        return Library.ABSENCE;
    }

    /** The instruction sets of this machine, in rising order. */
    public static List<Instructions> supported() {
        return Arrays.stream(Instructions.values()).filter(Roofs::isSupported).toList();
    }

    private static boolean isSupported(Instructions instructions) {
        try {
            return (int) Library.SUPPORTED.invokeExact(instructions.ordinal()) == 1;
        } catch (RuntimeException | Error e) {
            throw e;
        } catch (Throwable e) {
            throw new AssertionError("a C function threw", e);
        }
    }

    /**
     * Runs one loop on so many threads for about {@code seconds}.
     *
     * @return in the roof's unit, of all threads together
     * @throws InvalidInputException when this build has no roofs
     * @throws UnsupportedOperationException when the machine lacks the instructions, or memory for the copy
     */
    public static double measure(Roof roof, Instructions instructions, int threads, double seconds) {
        double rate;
        try {
            rate = (double) Library.MEASURE.invokeExact(roof.code, instructions.ordinal(), threads, seconds);
        } catch (RuntimeException | Error e) {
            throw e;
        } catch (Throwable e) {
            throw new AssertionError("a C function threw", e);
        }
        if (rate < 0) {
            throw new UnsupportedOperationException("%s with %s on %d threads cannot be measured here".formatted(roof, instructions, threads));
        }
        return rate;
    }

    /** A roof among others measured by turns; its only figure is named as the roof is. */
    public static Contender contender(Roof roof, int threads, double seconds) {
        Instructions best = supported().getLast();
        return () -> {
            Contender.pause();
            return Map.of(roof.toString(), measure(roof, best, threads, Math.max(seconds, 1e-4)));
        };
    }

    /** All roofs of this machine's best instruction set, one after the other; none where the build has none. */
    static Map<Roof, Spread> all(int threads, Effort effort) {
        Map<Roof, Spread> measured = new EnumMap<>(Roof.class);
        if (absence().isEmpty()) {
            List<Contender> contenders = Arrays.stream(Roof.values()).map(roof -> contender(roof, threads, effort.sampleSeconds())).toList();
            Rounds rounds = Rounds.run(contenders, effort.warmUps(), effort.rounds());
            for (Roof roof : Roof.values()) {
                measured.put(roof, rounds.spread(roof.toString()));
            }
        }
        return measured;
    }
}
