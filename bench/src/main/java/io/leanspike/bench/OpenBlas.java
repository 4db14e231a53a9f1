package io.leanspike.bench;

import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SymbolLookup;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import org.bytedeco.javacpp.Loader;
import org.bytedeco.openblas.global.openblas_nolapack;

/** The OpenBLAS that Bytedeco builds, unpacked by its loader and called directly. */
public final class OpenBlas {
    private static final int ROW_MAJOR = 101;
    private static final int NO_TRANSPOSE = 111;
    private static final int TRANSPOSE = 112;
    private static final MemoryLayout INT = ValueLayout.JAVA_INT;
    private static final MemoryLayout FLOAT = ValueLayout.JAVA_FLOAT;
    private static final MemoryLayout POINTER = ValueLayout.ADDRESS;

    private static final SymbolLookup LIBRARY = load();
    private static final MethodHandle SGEMM = find("cblas_sgemm", FunctionDescriptor.ofVoid(
            INT, INT, INT, INT, INT, INT, FLOAT, POINTER, INT, POINTER, INT, FLOAT, POINTER, INT));
    private static final MethodHandle SET_THREADS = find("openblas_set_num_threads", FunctionDescriptor.ofVoid(INT));
    private static final MethodHandle CONFIG = find("openblas_get_config", FunctionDescriptor.of(POINTER));
    private static final MethodHandle CORE_NAME = find("openblas_get_corename", FunctionDescriptor.of(POINTER));

    private OpenBlas() {}

    private static SymbolLookup load() {
        Loader.load(openblas_nolapack.class);
        return SymbolLookup.loaderLookup();
    }

    private static MethodHandle find(String name, FunctionDescriptor type) {
        return Linker.nativeLinker().downcallHandle(LIBRARY.findOrThrow(name), type);
    }

    /** {@code result[m, n] = left[m, k] x right[n, k]} transposed, all row-major float32. */
    static void sgemm(int m, int n, int k, MemorySegment left, MemorySegment right, MemorySegment result) {
        try {
            SGEMM.invokeExact(ROW_MAJOR, NO_TRANSPOSE, TRANSPOSE, m, n, k, 1f, left, k, right, k, 0f, result, n);
        } catch (Throwable e) {
            throw new AssertionError("a C function threw", e);
        }
    }

    /** Threads of every later product. */
    static void setThreads(int threads) {
        try {
            SET_THREADS.invokeExact(threads);
        } catch (Throwable e) {
            throw new AssertionError("a C function threw", e);
        }
    }

    /** Version, build options and the core whose kernels it chose, as in {@code OpenBLAS 0.3.31 ... kernels Zen}. */
    public static String description() {
        return text(CONFIG) + ", kernels " + text(CORE_NAME);
    }

    private static String text(MethodHandle function) {
        try {
            return ((MemorySegment) function.invokeExact()).reinterpret(Long.MAX_VALUE).getString(0);
        } catch (Throwable e) {
            throw new AssertionError("a C function threw", e);
        }
    }
}
