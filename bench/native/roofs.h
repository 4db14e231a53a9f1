/* roofs.h: the most that this machine gives to the inner loops of a product, whatever feeds them. For benchmarks alone; no part of the
 * product links it.
 *
 * Each roof is a loop without a load from beyond the registers, repeated for a time on every thread at once:
 *   POPCOUNT  a ternary product of 64-bit words: 2 AND, 2 POPCNT, an addition and a subtraction for 64 multiply-accumulates a lane
 *   BYTE_DOT  spikes x signed bytes summed in int32 (VPDPBUSD: 4 multiply-accumulates a lane) or, without VNNI, in int16 (VPMADDUBSW)
 *   FLOAT_FMA float32 multiply-accumulates
 * and COPY, which is memcpy of a block far larger than any cache.
 */
#ifndef LEANSPIKE_ROOFS_H
#define LEANSPIKE_ROOFS_H

#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#define ROOF_POPCOUNT 0
#define ROOF_BYTE_DOT 1
#define ROOF_FLOAT_FMA 2
#define ROOF_COPY 3

/* Instruction sets in rising order. */
#define ROOF_PORTABLE 0
#define ROOF_AVX2 1
#define ROOF_AVX_VNNI 2
#define ROOF_AVX512 3
#define ROOF_AVX512_VPOPCNTDQ_VNNI 4

/* 1 when this machine and build have the instruction set, else 0. */
__attribute__((visibility("default"))) int32_t roof_supported(int32_t instructions);

/* Billions of multiply-accumulates a second of all threads together; for ROOF_COPY billions of bytes read and as many written. Runs for
 * about `seconds`. Negative when an argument is out of range, the machine lacks the instructions or memory for the copy. */
__attribute__((visibility("default"))) double roof_measure(int32_t roof, int32_t instructions, int32_t threads, double seconds);

#ifdef __cplusplus
}
#endif
#endif
