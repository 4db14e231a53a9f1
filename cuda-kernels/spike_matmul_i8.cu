// spike_matmul with 8-bit weights: byte tensor cores with exact 32-bit sums, one scale an output.
// Layout and why it is fast: spike_matmul_tile.cuh (any number of outputs) and spike_matmul_rows.cuh (LayerNorm over whole rows).
#include "spike_matmul_entries.cuh"
SPIKE_MATMUL_ENTRIES(i8, WeightsI8, s32)
