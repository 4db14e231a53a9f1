package io.leanspike.backend.cuda;

import java.util.ArrayDeque;
import java.util.Collection;
import java.util.Deque;
import java.util.function.Function;

/** Things on a device that belong together: closed together, the last first. */
final class Owned implements AutoCloseable {
    /** Something that closes without an exception to declare. */
    interface Resource extends AutoCloseable {
        @Override
        void close();
    }

    private final Deque<Resource> all = new ArrayDeque<>();

    <T extends Resource> T add(T one) {
        all.push(one);
        return one;
    }

    /** Builds something out of several parts: all of it, or nothing stays when a part fails, as where memory ends. */
    static <T> T whole(Function<Owned, T> build) {
        Owned parts = new Owned();
        try {
            return build.apply(parts);
        } catch (RuntimeException | Error e) {
            try (parts) {
                throw e;
            }
        }
    }

    /** Closes each of them, whatever the others throw. */
    static void close(Collection<? extends Resource> all) {
        Owned owned = new Owned();
        all.forEach(owned::add);
        owned.close();
    }

    /** Closes each, whatever the others throw: after a fault nothing can be freed but the context, which is closed last. */
    @Override
    public void close() {
        if (!all.isEmpty()) {
            try (Owned rest = this) {
                all.pop().close();
            }
        }
    }
}
