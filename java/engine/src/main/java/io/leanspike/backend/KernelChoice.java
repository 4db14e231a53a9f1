package io.leanspike.backend;

/**
 * What the planner chose for a call, and why; printed by {@code --explain}.
 *
 * @param variant the kernel, in the backend's own words
 * @param tileRows tokens that one work item takes; 0 where the kernel has no tile
 * @param reason one short sentence
 */
public record KernelChoice(String variant, int tileRows, String reason) {}
