package io.leanspike.backend.cuda;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SymbolLookup;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;

/**
 * What the software GPU counts while it executes kernels: exact, and the same on every machine. native/softgpu/README.md defines each
 * counter.
 */
public final class SoftwareCounters {
    /** Everything: also distinct bytes, and sectors through the modelled L2. */
    private static final int ALL = 2;

    private SoftwareCounters() {}

    /**
     * Forgets what was counted and counts everything from now on.
     *
     * @throws IllegalStateException when this process does not run on the software GPU
     */
    public static void start() {
        call("softgpu_set_counters", FunctionDescriptor.ofVoid(ValueLayout.JAVA_INT), ALL);
        call("softgpu_reset_counters", FunctionDescriptor.ofVoid());
    }

    /** All counters since {@link #start}, of all devices: a JSON object with a member for each kernel that ran. */
    public static String json() {
        try (Arena arena = Arena.ofConfined()) {
            long length = read(MemorySegment.NULL, 0);
            MemorySegment text = arena.allocate(length + 1);
            read(text, length + 1);
            return text.getString(0);
        }
    }

    private static long read(MemorySegment text, long capacity) {
        return (long) call("softgpu_counters_json",
                FunctionDescriptor.of(ValueLayout.JAVA_LONG, ValueLayout.JAVA_INT, ValueLayout.ADDRESS, ValueLayout.JAVA_LONG),
                -1, text, capacity);
    }

    private static Object call(String name, FunctionDescriptor type, Object... arguments) {
        if (!SoftGpu.isLoaded()) {
            throw new IllegalStateException("this process does not run on the software GPU");
        }
        MethodHandle handle = Linker.nativeLinker().downcallHandle(SymbolLookup.loaderLookup().find(name).orElseThrow(), type);
        try {
            return handle.invokeWithArguments(arguments);
        } catch (Throwable e) {
            throw new IllegalStateException(name + " cannot be called", e);
        }
    }
}
