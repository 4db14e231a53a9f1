// What the API layer asks of a variant: one function an operation, called once a work item, and the job each of them reads.
//
// A job is the caller's arguments plus the tiling the API layer chose. It is plain data: this header is read by every variant, so it
// defines no function. Scratch areas are byte offsets into the worker's scratch memory, each 64-byte aligned.
#pragma once

#include <cstdint>

#include "leanspike.h"

namespace leanspike {

struct pack_low_bit_job {
    const leanspike_low_bit_matrix *matrix;
    int32_t weights;
    unsigned char *packed;
};

struct pack_int8_job {
    const leanspike_matrix *matrix;
    int32_t weights;
    int8_t *packed;
};

struct pack_weights_job {
    const leanspike_matrix *matrix;
    float *packed;
    int64_t rows_at; // scratch: 64 x 64 floats
};

// Token embeddings: what spike_encode and rate_encode share.
struct embedding_job {
    leanspike_matrix word, position, type;
    leanspike_layer_norm norm;
    leanspike_neuron neuron;
    const int32_t *word_ids, *position_ids, *type_ids;
    int64_t rows;
    int64_t tile_rows;
    int32_t timesteps;
    uint64_t *spikes; // spike_encode
    float *rates;     // rate_encode
    int64_t row_at;   // scratch: one padded row of floats
};

struct spike_matmul_job {
    const leanspike_spike_matmul_args *args;
    int64_t tile_rows;    // tokens a work item takes
    int64_t span_panels;  // panels a work item takes; all of them for NORM_MEMBRANE
    int64_t spans;        // work items a token tile is split into
    int64_t group_panels; // panels whose product is made together
    int32_t time_span;    // timesteps whose currents are held at once
    int64_t currents_at;  // scratch: tile_rows * time_span rows of a group's floats (NORM_MEMBRANE: of all panels)
    int64_t membranes_at; // scratch: tile_rows rows of 64 floats (NORM_MEMBRANE: of all panels); where time_span is less than all timesteps
    int64_t moments_at;   // scratch: tile_rows * time_span pairs of floats; NORM_MEMBRANE only
    int64_t sums_at;      // scratch: tile_rows * time_span rows of a group's int16; bytes only
    int64_t listed_blocks; // blocks of 256 inputs whose spikes are listed at once
    float fires_from, rests_below; // GELU_MEMBRANE of one timestep: currents from which a neuron spikes and below which it does not, for certain
    int64_t lists_at;      // scratch: for each of them tile_rows * time_span rows of 8 + 256 bytes, and 64; bytes only
};

// Attention runs a block of queries through all timesteps; queries are the lanes.
struct attention_blocks {
    int64_t count;
    const int32_t *sequence; // [count] which sequence
    const int32_t *start;    // [count] first query, relative to the sequence
    int32_t size;            // queries in a full block
};

struct spiking_attention_job {
    const leanspike_spiking_attention_args *args;
    attention_blocks blocks;
    int64_t live_at;       // scratch: [keys] int32
    int64_t key_bits_at;   // scratch: [keys][words(largest key head)]
    int64_t value_bits_at; // scratch: [largest value head, whole words][words(keys)], transposed
    int64_t query_at;      // scratch: [largest key head, whole words][block] floats, transposed
    int64_t weights_at;    // scratch: [keys][block] floats
    int64_t context_at;    // scratch: [largest value head, whole words][block] floats
    int64_t membranes_at;  // scratch: as context
};

struct membrane_update_job {
    const leanspike_membrane_update_args *args;
    int64_t tile_rows;
};

struct spike_retime_job {
    const leanspike_spike_retime_args *args;
    int64_t tile_rows;
};

struct spike_count_job {
    const leanspike_spike_count_args *args;
    int64_t tile_rows;
};

struct synapse_count_job {
    const leanspike_synapse_count_args *args;
};

struct classifier_head_job {
    const leanspike_classifier_head_args *args;
    int64_t rates_at; // scratch: [width] doubles
};

struct rate_matmul_job {
    const leanspike_rate_matmul_args *args;
    int64_t tile_rows;
    int64_t span_panels;
    int64_t spans;
    int64_t sums_at; // scratch: tile_rows rows of 64 floats (NORM_MEMBRANE: of all panels)
};

struct rate_attention_job {
    const leanspike_rate_attention_args *args;
    attention_blocks blocks;
    int64_t live_at;    // scratch: [keys] int32
    int64_t query_at;   // scratch: [largest key head, whole words][block] floats, transposed
    int64_t weights_at; // scratch: [keys][block] floats
    int64_t context_at; // scratch: [largest value head, whole words][block] floats
};

template <class Job>
using kernel = void (*)(const Job &job, int64_t item, unsigned char *scratch);

struct kernel_table {
    int32_t query_block; // queries in a full attention block
    kernel<pack_weights_job> pack_weights;           // item: a panel
    kernel<pack_low_bit_job> pack_low_bit;           // item: a panel
    kernel<pack_int8_job> pack_int8;                 // item: a panel
    kernel<embedding_job> spike_encode;              // item: a tile of rows
    kernel<spike_matmul_job> spike_matmul;           // item: a token tile and a span of panels
    kernel<spiking_attention_job> spiking_attention; // item: a block of queries and a head
    kernel<membrane_update_job> membrane_update;     // item: a tile of rows
    kernel<spike_retime_job> spike_retime;           // item: a tile of rows
    kernel<spike_count_job> spike_count;             // item: a tile of rows
    kernel<spike_count_job> spike_total;             // item: a sequence
    kernel<synapse_count_job> synapse_count;         // item: a sequence
    kernel<classifier_head_job> classifier_head;     // item: a sequence
    kernel<embedding_job> rate_encode;               // item: a tile of rows
    kernel<rate_matmul_job> rate_matmul;             // item: a row tile and a span of panels
    kernel<rate_attention_job> rate_attention;       // item: a block of queries and a head
};

namespace scalar {
extern const kernel_table table;
}
namespace avx2 {
extern const kernel_table table;
}
namespace avx2_vnni {
extern const kernel_table table;
}
namespace avx512 {
extern const kernel_table table;
}
namespace avx512_vpopcntdq {
extern const kernel_table table;
}

} // namespace leanspike
