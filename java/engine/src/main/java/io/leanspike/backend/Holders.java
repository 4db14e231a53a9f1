package io.leanspike.backend;

import java.util.concurrent.atomic.AtomicInteger;

/** Counts who holds something that several share, its maker first: the last to leave frees it. Thread-safe. */
public final class Holders {
    private final AtomicInteger count = new AtomicInteger(1);

    /**
     * One more holder.
     *
     * @param what that is shared, for the message
     * @throws IllegalStateException when the last has left
     */
    public void join(String what) {
        if (count.getAndUpdate(n -> n == 0 ? 0 : n + 1) == 0) {
            throw new IllegalStateException(what + " is closed");
        }
    }

    /** One holder less. @param free run when it was the last */
    public void leave(Runnable free) {
        if (count.decrementAndGet() == 0) {
            free.run();
        }
    }
}
