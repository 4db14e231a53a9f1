package io.leanspike.train.loop;

import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.ValueLayout;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import sun.misc.Signal;
import sun.misc.SignalHandler;

/**
 * Ctrl-C and SIGTERM while a training runs. The JVM's own way to end would take libtorch apart while its threads compute, which crashes
 * now and then; here the first signal is only noted, so that the training saves its state and ends by itself. The second one ends the
 * process at once.
 */
public final class Interruption implements AutoCloseable {
    private static final String[] SIGNALS = {"INT", "TERM"};
    /** What shells add to a signal's number for the exit code of a process that it ended. */
    private static final int SIGNALLED = 128;

    private final Runnable onFirst;
    private final Map<Signal, SignalHandler> before = new LinkedHashMap<>();
    private volatile int signal;

    private Interruption(Runnable onFirst) {
        this.onFirst = onFirst;
    }

    /** Lets signals end the process at once wherever no training listens: there is nothing to save. */
    public static void exitOnSignals() {
        for (String name : SIGNALS) {
            handle(new Signal(name), received -> exitAtOnce(SIGNALLED + received.getNumber()));
        }
    }

    /** What handled the signal before; empty where the JVM was told to leave signals alone (-Xrs). */
    private static Optional<SignalHandler> handle(Signal signal, SignalHandler handler) {
        try {
            return Optional.of(Signal.handle(signal, handler));
        } catch (IllegalArgumentException e) {
            return Optional.empty();
        }
    }

    /** Listens until it is closed. @param onFirst told when the first signal comes, on a thread of the JVM's */
    static Interruption listen(Runnable onFirst) {
        Interruption interruption = new Interruption(onFirst);
        for (String name : SIGNALS) {
            Signal signal = new Signal(name);
            handle(signal, interruption::on).ifPresent(handler -> interruption.before.put(signal, handler));
        }
        return interruption;
    }

    private void on(Signal received) {
        if (signal != 0) {
            exitAtOnce(SIGNALLED + received.getNumber());
        }
        signal = received.getNumber();
        onFirst.run();
    }

    /** Exit code of a process that was asked to end; empty when it was not. */
    OptionalInt exitCode() {
        return signal == 0 ? OptionalInt.empty() : OptionalInt.of(SIGNALLED + signal);
    }

    /** {@code _exit} of the C library: unlike the JVM's halt it runs no destructors of native libraries whose threads are at work. */
    private static void exitAtOnce(int code) {
        try {
            Linker.nativeLinker().downcallHandle(Linker.nativeLinker().defaultLookup().findOrThrow("_exit"),
                    FunctionDescriptor.ofVoid(ValueLayout.JAVA_INT)).invokeExact(code);
        } catch (Throwable e) {
            Runtime.getRuntime().halt(code);
        }
    }

    @Override
    public void close() {
        before.forEach(Signal::handle);
    }
}
