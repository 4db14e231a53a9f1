package io.leanspike.bench.gpu;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SymbolLookup;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.function.DoubleSupplier;

/** NVIDIA's dense products, where their library is installed: cublasGemmEx and its batched form. */
final class CuBlas implements AutoCloseable {
    /** What a product multiplies and adds up in. */
    enum Precision {
        /** fp16 operands and results, float32 sums. */
        FP16(2, 2, 68, 2, 2),
        /** Signed bytes, int32 sums and results. */
        INT8(3, 10, 72, 1, 4);

        /** Values that repeat through a buffer. */
        private static final int PATTERN = 1 << 20;

        private final int operandType;
        private final int resultType;
        private final int computeType;
        final int operandBytes;
        final int resultBytes;

        Precision(int operandType, int resultType, int computeType, int operandBytes, int resultBytes) {
            this.operandType = operandType;
            this.resultType = resultType;
            this.computeType = computeType;
            this.operandBytes = operandBytes;
            this.resultBytes = resultBytes;
        }

        /** Operands over the whole range of signed bytes, and from -1/16 to 1/16 in fp16. */
        MemorySegment uniform(SplittableRandom random) {
            return values(() -> this == FP16 ? random.nextDouble(-0.0625, 0.0625) : random.nextInt(-127, 128));
        }

        /** Operands of 0 and 1. */
        MemorySegment spikes(SplittableRandom random, double density) {
            return values(() -> random.nextDouble() < density ? 1 : 0);
        }

        private MemorySegment values(DoubleSupplier value) {
            MemorySegment values = Arena.ofAuto().allocate((long) PATTERN * operandBytes, Long.BYTES);
            for (int i = 0; i < PATTERN; i++) {
                if (this == FP16) {
                    values.setAtIndex(ValueLayout.JAVA_SHORT, i, Float.floatToFloat16((float) value.getAsDouble()));
                } else {
                    values.set(ValueLayout.JAVA_BYTE, i, (byte) value.getAsDouble());
                }
            }
            return values;
        }
    }

    private static final int TRANSPOSED = 1;
    private static final int AS_IT_IS = 0;
    private static final int DEFAULT_ALGORITHM = -1;
    /** What its own documentation recommends for Hopper, the most of all. */
    private static final long WORKSPACE_BYTES = 32L << 20;
    private static final ValueLayout.OfInt INT = ValueLayout.JAVA_INT;
    private static final ValueLayout.OfLong LONG = ValueLayout.JAVA_LONG;

    private final Arena arena;
    private final MethodHandle gemm;
    private final MethodHandle batched;
    private final MethodHandle setStream;
    private final MethodHandle setWorkspace;
    private final MethodHandle destroy;
    private final long handle;
    private final MemorySegment one;
    private final MemorySegment zero;

    private CuBlas(SymbolLookup library, Arena arena) throws Throwable {
        this.arena = arena;
        Linker linker = Linker.nativeLinker();
        MethodHandle create = linker.downcallHandle(library.find("cublasCreate_v2").orElseThrow(), FunctionDescriptor.of(INT, ValueLayout.ADDRESS));
        destroy = linker.downcallHandle(library.find("cublasDestroy_v2").orElseThrow(), FunctionDescriptor.of(INT, LONG));
        setStream = linker.downcallHandle(library.find("cublasSetStream_v2").orElseThrow(), FunctionDescriptor.of(INT, LONG, LONG));
        setWorkspace = linker.downcallHandle(library.find("cublasSetWorkspace_v2").orElseThrow(), FunctionDescriptor.of(INT, LONG, LONG, LONG));
        gemm = linker.downcallHandle(library.find("cublasGemmEx").orElseThrow(), FunctionDescriptor.of(INT, LONG, INT, INT, INT, INT, INT,
                ValueLayout.ADDRESS, LONG, INT, INT, LONG, INT, INT, ValueLayout.ADDRESS, LONG, INT, INT, INT, INT));
        batched = linker.downcallHandle(library.find("cublasGemmStridedBatchedEx").orElseThrow(), FunctionDescriptor.of(INT, LONG, INT, INT,
                INT, INT, INT, ValueLayout.ADDRESS, LONG, INT, INT, LONG, LONG, INT, INT, LONG, ValueLayout.ADDRESS, LONG, INT, INT, LONG, INT,
                INT, INT));
        MemorySegment created = arena.allocate(LONG);
        check((int) create.invokeExact(created), "cublasCreate");
        handle = created.get(LONG, 0);
        // A float 1 and an int 1 have different bits: one pair each, at 0 for fp16 and at 4 for bytes.
        one = arena.allocate(8, 8);
        one.set(ValueLayout.JAVA_FLOAT, 0, 1f);
        one.set(INT, 4, 1);
        zero = arena.allocate(8, 8);
    }

    /** Empty where no cuBLAS is installed. The driver's context must be current. */
    static Optional<CuBlas> open() {
        for (String name : new String[] {"libcublas.so.13", "libcublas.so.12", "libcublas.so.11"}) {
            Arena arena = Arena.ofShared();
            try {
                return Optional.of(new CuBlas(SymbolLookup.libraryLookup(name, arena), arena));
            } catch (IllegalArgumentException notInstalled) {
                arena.close();
            } catch (Throwable e) {
                throw new IllegalStateException(name + " does not start", e);
            }
        }
        return Optional.empty();
    }

    /** Puts the products that follow into the driver's stream. They share scratch memory of the driver's, so that graphs need none of their own. */
    void use(GpuDriver driver) {
        try {
            check((int) setStream.invokeExact(handle, driver.stream()), "cublasSetStream");
            check((int) setWorkspace.invokeExact(handle, driver.allocate(WORKSPACE_BYTES), WORKSPACE_BYTES), "cublasSetWorkspace");
        } catch (Throwable e) {
            throw failed(e);
        }
    }

    /**
     * {@code result [rows, outputs] = left [rows, inputs] x right [outputs, inputs]^T}, all row-major.
     *
     * @param inputs a multiple of 16 for bytes
     */
    void multiply(Precision precision, int rows, int inputs, int outputs, long left, long right, long result) {
        try {
            // Column-major, as cuBLAS reads: the transposed result = right x left^T.
            check((int) gemm.invokeExact(handle, TRANSPOSED, AS_IT_IS, outputs, rows, inputs, scalar(one, precision), right,
                    precision.operandType, inputs, left, precision.operandType, inputs, scalar(zero, precision), result,
                    precision.resultType, outputs, precision.computeType, DEFAULT_ALGORITHM), "cublasGemmEx");
        } catch (Throwable e) {
            throw failed(e);
        }
    }

    /** {@code count} products as {@link #multiply}, operands and results one behind the other. */
    void multiplyEach(Precision precision, int count, int rows, int inputs, int outputs, long left, long right, long result) {
        try {
            check((int) batched.invokeExact(handle, TRANSPOSED, AS_IT_IS, outputs, rows, inputs, scalar(one, precision), right,
                    precision.operandType, inputs, (long) outputs * inputs, left, precision.operandType, inputs, (long) rows * inputs,
                    scalar(zero, precision), result, precision.resultType, outputs, (long) rows * outputs, count, precision.computeType,
                    DEFAULT_ALGORITHM), "cublasGemmStridedBatchedEx");
        } catch (Throwable e) {
            throw failed(e);
        }
    }

    private static MemorySegment scalar(MemorySegment pair, Precision precision) {
        return pair.asSlice(precision == Precision.FP16 ? 0 : 4, 4);
    }

    private static void check(int status, String call) {
        if (status != 0) {
            throw new IllegalStateException("%s failed: cuBLAS status %d".formatted(call, status));
        }
    }

    private static RuntimeException failed(Throwable e) {
        return e instanceof RuntimeException known ? known : new IllegalStateException("cuBLAS cannot be called", e);
    }

    @Override
    public void close() {
        try {
            check((int) destroy.invokeExact(handle), "cublasDestroy");
        } catch (Throwable e) {
            throw failed(e);
        }
        arena.close();
    }
}
