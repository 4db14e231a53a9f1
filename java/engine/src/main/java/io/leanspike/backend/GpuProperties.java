package io.leanspike.backend;

/**
 * What the planner needs to know of a GPU.
 *
 * @param architecture compute capability, 80 for 8.0
 * @param sharedBytesPerBlock dynamic shared memory that a block may ask for
 */
public record GpuProperties(int architecture, int multiprocessors, int sharedBytesPerBlock) {}
