// spike_matmul with ternary weights (two bits each): one-bit tensor cores, AND and POPC, exact sums, one scale an output. Native on sm_80 .. sm_90;
// on later architectures pack ternary weights as i8.
// Layout and why it is fast: spike_matmul_tile.cuh (any number of outputs) and spike_matmul_rows.cuh (LayerNorm over whole rows).
#include "spike_matmul_entries.cuh"
SPIKE_MATMUL_ENTRIES(ternary, WeightsTernary, s32)
SPIKE_MATMUL_ROWS_ENTRIES(ternary, WeightsTernary, s32)
