package io.leanspike.backend.cuda;

/**
 * A kernel launch as the driver sees it.
 *
 * @param entry the kernel's name
 * @param blocks of the whole grid
 * @param threads of a block
 * @param dynamicSharedBytes of a block
 */
public record LaunchShape(String entry, long blocks, int threads, int dynamicSharedBytes) {}
