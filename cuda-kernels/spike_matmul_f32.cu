// spike_matmul with float32-faithful weights: each is the sum of two fp16 halves, both multiplied on fp16 tensor cores with float32
// sums. Layout and why it is fast: spike_matmul_tile.cuh (any number of outputs) and spike_matmul_rows.cuh (LayerNorm over whole rows).
#include "spike_matmul_entries.cuh"
SPIKE_MATMUL_ENTRIES(f32, WeightsF32, f32)
