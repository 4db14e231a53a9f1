/* leanspike.h: the one C ABI of LeanSpike's native CPU backend. Java reads it through jextract.
 *
 * Rules of this file
 *   - fixed-width types only; every structure is plain data that the caller owns;
 *   - every function returns a status; text about the last failure of the calling thread is in leanspike_last_error;
 *   - no exception and no signal crosses it; a bad argument is a status, never a crash;
 *   - one function per operation, named as the operation is named everywhere: leanspike_<operation>.
 *
 * Layouts
 *   spikes   uint64 words [rows, timesteps, words(width)], words(w) = (w + 63) / 64; unit j of a (row, timestep) is bit j % 64 of
 *            word j / 64; the bits beyond width are zero. A row is one token, so its timesteps lie side by side.
 *   real     float32 [rows, timesteps, width] (queries) or [rows, width] (rates), dense
 *   packed   a weight matrix in the engine's own order: leanspike_pack_weights
 *   ragged   sequence b of a batch owns rows row_offsets[b] .. row_offsets[b + 1]; padding need not exist
 *
 * Threads: a context owns its worker threads. Any number of threads may call with one context; calls take turns. Results do not
 * depend on the number of threads.
 */
#ifndef LEANSPIKE_H
#define LEANSPIKE_H

#include <stdint.h>

#if defined(_WIN32)
#define LEANSPIKE_API __declspec(dllexport)
#else
#define LEANSPIKE_API __attribute__((visibility("default")))
#endif

#ifdef __cplusplus
extern "C" {
#endif

#define LEANSPIKE_ABI_VERSION 4

/* Status codes. */
#define LEANSPIKE_OK 0
#define LEANSPIKE_BAD_ARGUMENT 1 /* the caller's mistake; the error text names the field */
#define LEANSPIKE_OUT_OF_MEMORY 2
#define LEANSPIKE_UNSUPPORTED 3 /* this machine or build cannot do it */
#define LEANSPIKE_INTERNAL 4    /* a defect of the library */

/* Element types of stored weights. */
#define LEANSPIKE_F32 0
#define LEANSPIKE_F16 1
#define LEANSPIKE_BF16 2
#define LEANSPIKE_I8 3 /* value = scale[row] * element */

/* What follows a matrix product. */
#define LEANSPIKE_EPILOGUE_REAL 0          /* product + bias                                       (query) */
#define LEANSPIKE_EPILOGUE_MEMBRANE 1      /* neuron(product + bias)                               (key, value) */
#define LEANSPIKE_EPILOGUE_NORM_MEMBRANE 2 /* neuron(LayerNorm(product + bias + residual))         (outputs) */
#define LEANSPIKE_EPILOGUE_GELU_MEMBRANE 3 /* neuron(GELU(product + bias)), GELU by erf            (intermediate) */

/* How a membrane falls back after a spike. */
#define LEANSPIKE_RESET_SOFT 0 /* u <- leak * (u - threshold * s) */
#define LEANSPIKE_RESET_HARD 1 /* u <- leak * u * (1 - s) */

/* CPU variants, in rising order of preference. */
#define LEANSPIKE_VARIANT_SCALAR 0
#define LEANSPIKE_VARIANT_AVX2 1
#define LEANSPIKE_VARIANT_AVX2_VNNI 2
#define LEANSPIKE_VARIANT_AVX512 3
#define LEANSPIKE_VARIANT_AVX512_VPOPCNTDQ 4 /* with VNNI and VBMI2, which came with it */
#define LEANSPIKE_VARIANT_BEST (-1)

/* A neuron population: u <- u + I(t); s = u >= threshold; reset and leak as above; u(0-) = initial_potential.
 * initial_potential is in the units of the potential: u0 * threshold. In the rate_* operations only threshold counts:
 * a = clamp(I / threshold, 0, 1). */
typedef struct leanspike_neuron {
    float threshold; /* > 0 */
    float leak;      /* 0 < leak <= 1; 1 = IF, below 1 = LIF */
    float initial_potential;
    int32_t reset; /* LEANSPIKE_RESET_* */
} leanspike_neuron;

/* A stored matrix [rows, cols], row-major. scale: float32 [rows] for LEANSPIKE_I8, else null. */
typedef struct leanspike_matrix {
    const void *elements;
    const float *scale;
    int64_t rows;
    int64_t cols;
    int32_t type; /* LEANSPIKE_F32 .. LEANSPIKE_I8 */
    int32_t reserved;
} leanspike_matrix;

/* Weights of -1, 0 and 1 [rows, cols] as bits: rows of words(cols) words, as spikes; bits beyond the width are ignored. */
typedef struct leanspike_low_bit_matrix {
    const uint64_t *plus;
    const uint64_t *minus; /* null: 1-bit, whatever is not plus is minus */
    int64_t rows;
    int64_t cols;
} leanspike_low_bit_matrix;

/* LayerNorm over the last axis; biased variance, eps inside the root. */
typedef struct leanspike_layer_norm {
    const float *weight;
    const float *bias;
    float eps;
    int32_t reserved;
} leanspike_layer_norm;

typedef struct leanspike_context leanspike_context;

/* ---- library ---- */

LEANSPIKE_API int32_t leanspike_abi_version(void);

/* Sizes and field offsets of every structure above and below, in the order of their declaration, as one flat list
 * (size, offset of each field, next structure's size, ...): what the bindings' test compares with. Returns the list's full length
 * and writes at most capacity entries. */
LEANSPIKE_API int32_t leanspike_abi_layout(int64_t *entries, int32_t capacity);

/* Copies the calling thread's last error text (UTF-8, zero-terminated, cut to capacity) and returns its full length in bytes. */
LEANSPIKE_API int32_t leanspike_last_error(char *text, int32_t capacity);

/* 1 when this machine can run the variant and the build has it, else 0. */
LEANSPIKE_API int32_t leanspike_variant_supported(int32_t variant);

/* CPU features found at run time, as text such as "avx2 fma avx512f avx512vpopcntdq"; like leanspike_last_error. */
LEANSPIKE_API int32_t leanspike_cpu_features(char *text, int32_t capacity);

/* threads: 1 .. 1024, the caller's own thread included. variant: LEANSPIKE_VARIANT_*. */
LEANSPIKE_API int32_t leanspike_context_create(int32_t threads, int32_t variant, leanspike_context **context);
LEANSPIKE_API int32_t leanspike_context_destroy(leanspike_context *context);
/* The variant the context runs, LEANSPIKE_VARIANT_*. */
LEANSPIKE_API int32_t leanspike_context_variant(const leanspike_context *context, int32_t *variant);

/* ---- weights ---- */

/* Bytes of the packed float32 form of a [outputs, inputs] matrix; negative when a dimension is out of range. Keep it 64-byte aligned. */
LEANSPIKE_API int64_t leanspike_packed_bytes(int64_t outputs, int64_t inputs);

/* Packs a stored [outputs, inputs] matrix into the order spike_matmul and rate_matmul read. */
LEANSPIKE_API int32_t leanspike_pack_weights(leanspike_context *context, const leanspike_matrix *matrix, float *packed);

/* How packed weights lie in memory, and so how a product goes through them. */
#define LEANSPIKE_WEIGHTS_FLOAT 0         /* float32, added for each spike */
#define LEANSPIKE_WEIGHTS_BYTES 1         /* -1, 0, 1 as bytes, added for each spike: time grows with density. At most 32767 inputs */
#define LEANSPIKE_WEIGHTS_TERNARY_PLANES 2 /* two bit planes, AND + POPCNT: time does not depend on density */
#define LEANSPIKE_WEIGHTS_BINARY_PLANE 3  /* one bit plane; for matrices without zeros */
#define LEANSPIKE_WEIGHTS_INT8_BYTES 4    /* signed bytes, added for each spike: time grows with density. At most 2^24 - 1 inputs */
#define LEANSPIKE_WEIGHTS_INT8_DOTS 5     /* signed bytes, four inputs at a time: time does not depend on density. At most 2^24 - 1 inputs */

/* Bytes of a packed form of -1, 0 and 1 [outputs, inputs]: LEANSPIKE_WEIGHTS_BYTES .. BINARY_PLANE; negative when an argument is out of range.
 * Keep it 64-byte aligned. */
LEANSPIKE_API int64_t leanspike_packed_low_bit_bytes(int32_t weights, int64_t outputs, int64_t inputs);

/* Packs a [outputs, inputs] matrix of bits into a form that spike_matmul reads. The sums are exact integers in every form. */
LEANSPIKE_API int32_t leanspike_pack_low_bit(leanspike_context *context, const leanspike_low_bit_matrix *matrix, int32_t weights, void *packed);

/* Bytes of either packed form of signed bytes [outputs, inputs]; negative when a dimension is out of range. Keep it 64-byte aligned. */
LEANSPIKE_API int64_t leanspike_packed_int8_bytes(int64_t outputs, int64_t inputs);

/* Packs a LEANSPIKE_I8 matrix [outputs, inputs], its scales apart, as LEANSPIKE_WEIGHTS_INT8_BYTES or INT8_DOTS. The sums are exact integers in
 * either form. */
LEANSPIKE_API int32_t leanspike_pack_int8(leanspike_context *context, const leanspike_matrix *matrix, int32_t weights, void *packed);

/* ---- spiking operations ---- */

/* Embedding gather + LayerNorm, once per token, then the neuron over all timesteps. */
typedef struct leanspike_spike_encode_args {
    leanspike_matrix word;     /* [vocabulary, width] */
    leanspike_matrix position; /* [max positions, width] */
    leanspike_matrix type;     /* [token types, width] */
    leanspike_layer_norm norm;
    leanspike_neuron neuron;
    const int32_t *word_ids;     /* [rows] */
    const int32_t *position_ids; /* [rows] */
    const int32_t *type_ids;     /* [rows] */
    int64_t rows;
    int32_t timesteps;
    int32_t reserved;
    uint64_t *spikes; /* out [rows, timesteps, words(width)] */
} leanspike_spike_encode_args;
LEANSPIKE_API int32_t leanspike_spike_encode(leanspike_context *context, const leanspike_spike_encode_args *args);

/* Spikes [rows * timesteps, inputs] x packed weights [outputs, inputs] transposed, then the epilogue. Membranes and currents stay in
 * registers and cache. */
typedef struct leanspike_spike_matmul_args {
    const uint64_t *input;  /* spikes [rows, timesteps, words(inputs)] */
    const void *packed;     /* leanspike_pack_weights, leanspike_pack_low_bit or leanspike_pack_int8 */
    const float *scale;     /* [outputs] what a sum of integers is multiplied by; null for LEANSPIKE_WEIGHTS_FLOAT */
    const float *bias;      /* [outputs] */
    const uint64_t *residual; /* spikes [rows, timesteps, words(outputs)]; NORM_MEMBRANE only, else null */
    leanspike_layer_norm norm; /* NORM_MEMBRANE only */
    leanspike_neuron neuron;   /* all but REAL */
    int64_t rows;
    int64_t inputs;
    int64_t outputs;
    int32_t timesteps;
    int32_t epilogue;  /* LEANSPIKE_EPILOGUE_* */
    int32_t tile_rows; /* tokens a work item takes, chosen by the planner; 0 = one */
    int32_t weights;   /* LEANSPIKE_WEIGHTS_* */
    float *real;      /* out [rows, timesteps, outputs]; REAL only, else null */
    uint64_t *spikes; /* out [rows, timesteps, words(outputs)]; all but REAL */
} leanspike_spike_matmul_args;
LEANSPIKE_API int32_t leanspike_spike_matmul(leanspike_context *context, const leanspike_spike_matmul_args *args);

/* count products (1 .. 64) of which none reads what another writes, with the same results as one after the other: the threads meet once instead
 * of after each, which small products notice. */
LEANSPIKE_API int32_t leanspike_spike_matmul_fused(leanspike_context *context, const leanspike_spike_matmul_args *args, int32_t count);

/* Per sequence, head and timestep: p = softmax(scale * q . key spikes), context = p . value spikes, then the neuron over the
 * timesteps. Keys with live = 0 take no part (an all-dead sequence attends to all of its keys, as an additive mask does). */
typedef struct leanspike_spiking_attention_args {
    const float *query;    /* real [rows, timesteps, key_width] */
    const uint64_t *key;   /* spikes [rows, timesteps, words(key_width)] */
    const uint64_t *value; /* spikes [rows, timesteps, words(value_width)] */
    const int32_t *key_offsets;   /* [heads + 1], rising from 0 to key_width: the columns of each head */
    const int32_t *value_offsets; /* [heads + 1], rising from 0 to value_width */
    const int32_t *row_offsets;   /* [sequences + 1], rising from 0 to rows */
    const uint8_t *live;          /* [rows] 1 = attend to this key, 0 = masked; null = all live */
    leanspike_neuron neuron;
    int64_t rows;
    int32_t sequences;
    int32_t heads;
    int32_t timesteps;
    float scale; /* 1 / sqrt(head size) */
    uint64_t *spikes; /* out [rows, timesteps, words(value_width)] */
} leanspike_spiking_attention_args;
LEANSPIKE_API int32_t leanspike_spiking_attention(leanspike_context *context, const leanspike_spiking_attention_args *args);

/* The stand-alone neuron: currents [rows, timesteps, width] -> spikes. For checks and benchmarks; the forward pass fuses it. */
typedef struct leanspike_membrane_update_args {
    const float *current;
    leanspike_neuron neuron;
    int64_t rows;
    int64_t width;
    int32_t timesteps;
    int32_t reserved;
    uint64_t *spikes; /* out [rows, timesteps, words(width)] */
} leanspike_membrane_update_args;
LEANSPIKE_API int32_t leanspike_membrane_update(leanspike_context *context, const leanspike_membrane_update_args *args);

/* The spikes of a population over another number of timesteps, for a layer that has it: a unit that spiked c of from_timesteps times spikes
 * round(c * timesteps / from_timesteps) times (halves up), evenly spaced. Exact. */
typedef struct leanspike_spike_retime_args {
    const uint64_t *input; /* [rows, from_timesteps, words(width)] */
    int64_t rows;
    int64_t width;
    int32_t from_timesteps;
    int32_t timesteps;
    uint64_t *spikes; /* out [rows, timesteps, words(width)] */
} leanspike_spike_retime_args;
LEANSPIKE_API int32_t leanspike_spike_retime(leanspike_context *context, const leanspike_spike_retime_args *args);

/* Spikes summed over time and over place. Either output may be null. */
typedef struct leanspike_spike_count_args {
    const uint64_t *spikes; /* [rows, timesteps, words(width)] */
    int64_t rows;
    int64_t width;
    int32_t timesteps;
    int32_t sequences;
    const int32_t *row_offsets; /* [sequences + 1]; needed for totals */
    int32_t *counts;            /* out [rows, width]: spikes of each unit over the timesteps */
    int64_t *totals;            /* out [sequences]: all spikes of each sequence */
} leanspike_spike_count_args;
LEANSPIKE_API int32_t leanspike_spike_count(leanspike_context *context, const leanspike_spike_count_args *args);

/* Accumulates that the spikes cause: for each spike the live weights (not 0) of the products that its unit feeds. A unit j has
 * least + sum over p of 2^p * bit p(j) of them; bit p(j) is bit j % 64 of planes[(j / 64) * plane_count + p]. Exact. */
typedef struct leanspike_synapse_count_args {
    const uint64_t *spikes;     /* [rows, timesteps, words(width)] */
    const uint64_t *planes;     /* [words(width), plane_count], 64-byte aligned */
    const int32_t *row_offsets; /* [sequences + 1] */
    int64_t least;              /* live weights that every unit has */
    int64_t rows;
    int64_t width;
    int32_t timesteps;
    int32_t sequences;
    int32_t plane_count; /* 8, 16, 24 or 32; unused planes are zero */
    int32_t reserved;
    int64_t *totals; /* out [sequences] */
} leanspike_synapse_count_args;
LEANSPIKE_API int32_t leanspike_synapse_count(leanspike_context *context, const leanspike_synapse_count_args *args);

/* logits = weight . ReLU(rate of the sequence's first row) + bias, in float64. The rate comes from spikes / timesteps, or from rates
 * (equilibrium); exactly one of the two is given. */
typedef struct leanspike_classifier_head_args {
    const uint64_t *spikes; /* [rows, timesteps, words(width)] or null */
    const float *rates;     /* [rows, width] or null */
    const int32_t *row_offsets; /* [sequences + 1] */
    const float *weight;        /* [labels, width] */
    const float *bias;          /* [labels] */
    int64_t width;
    int32_t timesteps;
    int32_t sequences;
    int32_t labels;
    int32_t reserved;
    double *logits; /* out [sequences, labels] */
} leanspike_classifier_head_args;
LEANSPIKE_API int32_t leanspike_classifier_head(leanspike_context *context, const leanspike_classifier_head_args *args);

/* ---- equilibrium operations (T -> infinity): real rates in [0, 1] in place of spikes ---- */

typedef struct leanspike_rate_encode_args {
    leanspike_matrix word;
    leanspike_matrix position;
    leanspike_matrix type;
    leanspike_layer_norm norm;
    leanspike_neuron neuron;
    const int32_t *word_ids;
    const int32_t *position_ids;
    const int32_t *type_ids;
    int64_t rows;
    float *rates; /* out [rows, width] */
} leanspike_rate_encode_args;
LEANSPIKE_API int32_t leanspike_rate_encode(leanspike_context *context, const leanspike_rate_encode_args *args);

/* As spike_matmul, with the neuron replaced by clamp(x / threshold, 0, 1). */
typedef struct leanspike_rate_matmul_args {
    const float *input; /* rates [rows, inputs] */
    const float *packed;
    const float *bias;
    const float *residual; /* rates [rows, outputs]; NORM_MEMBRANE only, else null */
    leanspike_layer_norm norm;
    leanspike_neuron neuron;
    int64_t rows;
    int64_t inputs;
    int64_t outputs;
    int32_t epilogue;
    int32_t tile_rows;
    float *output; /* out [rows, outputs] */
} leanspike_rate_matmul_args;
LEANSPIKE_API int32_t leanspike_rate_matmul(leanspike_context *context, const leanspike_rate_matmul_args *args);

typedef struct leanspike_rate_attention_args {
    const float *query; /* real [rows, key_width] */
    const float *key;   /* rates [rows, key_width] */
    const float *value; /* rates [rows, value_width] */
    const int32_t *key_offsets;
    const int32_t *value_offsets;
    const int32_t *row_offsets;
    const uint8_t *live;
    leanspike_neuron neuron;
    int64_t rows;
    int32_t sequences;
    int32_t heads;
    float scale;
    int32_t reserved;
    float *rates; /* out [rows, value_width] */
} leanspike_rate_attention_args;
LEANSPIKE_API int32_t leanspike_rate_attention(leanspike_context *context, const leanspike_rate_attention_args *args);

#ifdef __cplusplus
}
#endif

#endif
