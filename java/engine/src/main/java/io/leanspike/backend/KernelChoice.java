package io.leanspike.backend;

/**
 * What the planner chose for a call, and why; printed by {@code --explain}.
 *
 * @param variant the kernel, in the backend's own words
 * @param tileRows tokens that one work item takes; 0 where the kernel has no tile
 */
public record KernelChoice(String variant, int tileRows, Reason reason) {

    public KernelChoice(String variant, int tileRows, String reason) {
        this(variant, tileRows, Reason.of(reason));
    }
}
