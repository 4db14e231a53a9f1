/* softgpu.h: what the software CUDA driver offers beyond the driver API itself. C ABI, fixed-width types only.
 *
 * The library answers the calls of libcuda.so.1 (declared in softgpu_driver.h, or in NVIDIA's cuda.h) and executes PTX on the CPU.
 *
 * Environment, read once at cuInit; a value that means nothing makes cuInit fail
 *   LEANSPIKE_SOFTGPU_DEVICES         number of devices (1), at most 64; 0 is a driver without devices
 *   LEANSPIKE_SOFTGPU_ARCH            75 | 80 | 86 | 89 | 90 | 100 | 120: compute capability and its limits (80)
 *   LEANSPIKE_SOFTGPU_DRIVER_VERSION  what cuDriverGetVersion answers (13000)
 *   LEANSPIKE_SOFTGPU_MEMORY          bytes of memory of a device (8 GiB)
 *   LEANSPIKE_SOFTGPU_THREADS         host threads that run blocks (all processors)
 *   LEANSPIKE_SOFTGPU_ISA             baseline: instructions as any processor runs them, though this one could do more (the best it can)
 *   LEANSPIKE_SOFTGPU_COUNTERS        0 instructions | 1 and sectors, bank passes (default) | 2 and distinct bytes, modelled L2
 *   LEANSPIKE_SOFTGPU_SHARED_CHECKS   0 turns off the watch for races and undefined reads of shared memory (1)
 *   LEANSPIKE_SOFTGPU_UNINITIALIZED   1 finds reads of global memory that was never written (0)
 *   LEANSPIKE_SOFTGPU_STRICT_EXIT     1 makes a warp that left before a barrier of the whole block a fault (0)
 *   LEANSPIKE_SOFTGPU_WATCHDOG        instructions a warp may run before CUDA_ERROR_LAUNCH_TIMEOUT (268435456)
 */
#ifndef LEANSPIKE_SOFTGPU_H
#define LEANSPIKE_SOFTGPU_H

#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Copies at most `capacity` bytes of the text about the last failed call of any thread, zero-terminated; answers its full length
 * without the zero. Faults read: "kernel k, block (3,0,0), thread (17,0,0), PTX line 214: out-of-bounds global store of 4 bytes
 * at 0x…, 12 bytes past the allocation of 4096 bytes at 0x…", then the PTX statement on a line of its own. */
int64_t softgpu_last_error(char *text, int64_t capacity);

/* 0, 1 or 2, as LEANSPIKE_SOFTGPU_COUNTERS; for launches from now on. */
void softgpu_set_counters(int32_t level);
/* Forgets what was counted, of all devices. */
void softgpu_reset_counters(void);

/* All counters as JSON text: an object with one member per kernel name (device given, or -1 for the sum over devices). Copies as
 * softgpu_last_error does. */
int64_t softgpu_counters_json(int32_t device, char *text, int64_t capacity);

/* One counter of one kernel, summed over devices: the path is the JSON path with dots, "global_load.sectors". -1 if unknown. */
int64_t softgpu_counter(const char *kernel, const char *path);

/* Issued warp instructions per PTX line of a kernel, as lines of "count<TAB>PTX line<TAB>statement", heaviest first. */
int64_t softgpu_profile(const char *kernel, char *text, int64_t capacity);

/* Host threads that run blocks from now on. */
void softgpu_set_threads(int32_t threads);

#ifdef __cplusplus
}
#endif

#endif
