// spike_matmul with binary weights (one bit each): one-bit tensor cores, AND and POPC, exact sums, one scale an output. Native on sm_80 .. sm_90;
// on later architectures pack binary weights as i8.
// Layout and why it is fast: spike_matmul_tile.cuh (any number of outputs) and spike_matmul_rows.cuh (LayerNorm over whole rows).
#include "spike_matmul_entries.cuh"
SPIKE_MATMUL_ENTRIES(binary, WeightsBinary, s32)
SPIKE_MATMUL_ROWS_ENTRIES(binary, WeightsBinary, s32)
