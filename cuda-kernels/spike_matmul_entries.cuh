// The entry points of spike_matmul for one weight kind: spike_matmul_<kind>_m<tokens>n<outputs>_t<steps>_<sum>_<epilogue>; whole rows:
// spike_matmul_<kind>_m<tokens x steps>n<outputs>_<sum>_norm.
#pragma once
#include "spike_matmul_rows.cuh"
#include "spike_matmul_tile.cuh"

#define SPIKE_MATMUL_TILE_ENTRY(kind, Kind, sum, tokens, steps, epilogue, gelu)                                              \
    extern "C" __global__ void __launch_bounds__(128, Kind::BLOCKS_TOGETHER)                                                 \
        spike_matmul_##kind##_m##tokens##n64_t##steps##_##sum##_##epilogue(const __grid_constant__ SpikeMatmulArgs args) {   \
        spike_matmul_tile<Kind, steps, gelu>(args);                                                                          \
    }

#define SPIKE_MATMUL_ROWS_ENTRY(kind, Kind, sum, rows, outputs)                                                          \
    extern "C" __global__ void __launch_bounds__(outputs / 2, 1)                                                         \
        spike_matmul_##kind##_m##rows##n##outputs##_##sum##_norm(const __grid_constant__ SpikeMatmulRowsArgs args) {     \
        spike_matmul_rows<Kind, rows / 16>(args);                                                                        \
    }

#define SPIKE_MATMUL_ENTRIES(kind, Kind, sum)                          \
    SPIKE_MATMUL_TILE_ENTRY(kind, Kind, sum, 64, 1, membrane, false)   \
    SPIKE_MATMUL_TILE_ENTRY(kind, Kind, sum, 32, 2, membrane, false)   \
    SPIKE_MATMUL_TILE_ENTRY(kind, Kind, sum, 16, 4, membrane, false)   \
    SPIKE_MATMUL_TILE_ENTRY(kind, Kind, sum, 64, 1, gelu, true)        \
    SPIKE_MATMUL_TILE_ENTRY(kind, Kind, sum, 32, 2, gelu, true)        \
    SPIKE_MATMUL_TILE_ENTRY(kind, Kind, sum, 16, 4, gelu, true)

// Of weights so small that a block can stream all of them.
#define SPIKE_MATMUL_ROWS_ENTRIES(kind, Kind, sum)                     \
    SPIKE_MATMUL_ROWS_ENTRY(kind, Kind, sum, 32, 768)                  \
    SPIKE_MATMUL_ROWS_ENTRY(kind, Kind, sum, 16, 1024)
