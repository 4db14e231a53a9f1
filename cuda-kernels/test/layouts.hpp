// Launch rules and sizes of the packed weights, as README.md states them.
#pragma once
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string>

struct Kind {
    const char* name;
    const char* sum;
    int stage_inputs, stage_bytes, slice_bytes;
};
inline const Kind KINDS[] = {{"f32", "f32", 64, 16384, 2048}, {"f16", "f32", 64, 8192, 2048},       {"i8", "s32", 128, 8192, 2048},
                             {"ternary", "s32", 256, 4096, 2048}, {"binary", "s32", 256, 2048, 1024}};

inline int tiles_of(int outputs) { return (outputs + 63) / 64; }
inline int words_of(int width) { return (width + 63) / 64; }

inline size_t packed_bytes(const Kind& kind, int tiles, int inputs) {
    return size_t(tiles) * ((inputs + kind.stage_inputs - 1) / kind.stage_inputs) * kind.stage_bytes + size_t(tiles) * 64 * 16;
}
inline size_t gathered_bytes(int element_bytes, int tiles, int inputs) { return size_t(inputs) * tiles * 64 * element_bytes + size_t(tiles) * 64 * 16; }

// Bytes of the spike chunk in shared memory.
inline size_t chunk_bytes(int tokens, int inputs, int steps) {
    return (size_t(tokens) * ((words_of(inputs) + 1) / 2 * steps | 1) * 2 + 4) * 8;
}

struct TileLaunch {
    std::string entry;
    int tokens, threads;
    size_t shared;
};
// steps: 1, 2 or 4 (any number of timesteps); token_groups: pairs of warps, 1 .. 4.
inline TileLaunch tile_launch(const Kind& kind, int steps, int token_groups, int inputs, bool gelu) {
    const int warp_tokens = 64 / steps, tokens = warp_tokens * token_groups;
    return {std::string("spike_matmul_") + kind.name + "_m" + std::to_string(warp_tokens) + "n64_t" + std::to_string(steps) + "_" + kind.sum +
                (gelu ? "_gelu" : "_membrane"),
            tokens, 64 * token_groups, 3 * size_t(kind.stage_bytes) + chunk_bytes(tokens, inputs, steps)};
}

// rows: 32 or 16 (token, timestep) rows of a block; steps: timesteps of a token among them.
inline TileLaunch rows_launch(const Kind& kind, int rows, int steps, int timesteps, int inputs, int outputs) {
    const int tokens = rows / steps, warps = tiles_of(outputs);
    const size_t carried = timesteps > steps ? size_t(tokens) * warps * 64 * 4 : 0;
    return {std::string("spike_matmul_") + kind.name + "_m" + std::to_string(rows) + "n" + std::to_string(rows == 32 ? 768 : 1024) + "_" + kind.sum + "_norm",
            tokens, 32 * warps,
            size_t(warps) * (4096 + 8 * rows) + (size_t(rows) * (tiles_of(outputs) | 1) + 4) * 8 + chunk_bytes(rows, inputs, 1) + carried};
}

inline size_t gather_shared(int inputs) {
    const size_t half_words = 2 * size_t(words_of(inputs));
    return ((5 * half_words + 4) / 4 * 4 + 32 * half_words + 4) * 4;
}

// head: columns of the entry, 64 or 128; longest: tokens of the longest sequence; tiles and steps: of a block.
inline size_t attention_shared(int head, int longest, int tiles, int steps, int timesteps) {
    const size_t blocks = (size_t(longest) + 31) / 32, carried = timesteps > steps ? size_t(tiles) * 16 * head : 0;
    return 4 * (size_t(tiles) * steps * 16 * (head + 16) + carried + (blocks + 3) / 4 * 4 + steps * blocks * 2 * head);
}
