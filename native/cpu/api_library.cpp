// The library's own questions: version, layout of the structures, last error, CPU features.
#include <cstddef>

#include "context.hpp"
#include "cpu_features.hpp"

using namespace leanspike;

extern "C" int32_t leanspike_abi_version(void) { return LEANSPIKE_ABI_VERSION; }

#define AT(structure, field) static_cast<int64_t>(offsetof(leanspike_##structure, field))
#define SIZE(structure) static_cast<int64_t>(sizeof(leanspike_##structure))

extern "C" int32_t leanspike_abi_layout(int64_t *entries, int32_t capacity) {
    static constexpr int64_t LAYOUT[] = {
        SIZE(neuron), AT(neuron, threshold), AT(neuron, leak), AT(neuron, initial_potential), AT(neuron, reset),

        SIZE(matrix), AT(matrix, elements), AT(matrix, scale), AT(matrix, rows), AT(matrix, cols), AT(matrix, type), AT(matrix, reserved),

        SIZE(low_bit_matrix), AT(low_bit_matrix, plus), AT(low_bit_matrix, minus), AT(low_bit_matrix, rows), AT(low_bit_matrix, cols),

        SIZE(layer_norm), AT(layer_norm, weight), AT(layer_norm, bias), AT(layer_norm, eps), AT(layer_norm, reserved),

        SIZE(spike_encode_args), AT(spike_encode_args, word), AT(spike_encode_args, position), AT(spike_encode_args, type),
        AT(spike_encode_args, norm), AT(spike_encode_args, neuron), AT(spike_encode_args, word_ids), AT(spike_encode_args, position_ids),
        AT(spike_encode_args, type_ids), AT(spike_encode_args, rows), AT(spike_encode_args, timesteps), AT(spike_encode_args, reserved),
        AT(spike_encode_args, spikes),

        SIZE(spike_matmul_args), AT(spike_matmul_args, input), AT(spike_matmul_args, packed), AT(spike_matmul_args, scale), AT(spike_matmul_args, bias),
        AT(spike_matmul_args, residual), AT(spike_matmul_args, norm), AT(spike_matmul_args, neuron), AT(spike_matmul_args, rows),
        AT(spike_matmul_args, inputs), AT(spike_matmul_args, outputs), AT(spike_matmul_args, timesteps), AT(spike_matmul_args, epilogue),
        AT(spike_matmul_args, tile_rows), AT(spike_matmul_args, weights), AT(spike_matmul_args, real), AT(spike_matmul_args, spikes),

        SIZE(spiking_attention_args), AT(spiking_attention_args, query), AT(spiking_attention_args, key), AT(spiking_attention_args, value),
        AT(spiking_attention_args, key_offsets), AT(spiking_attention_args, value_offsets), AT(spiking_attention_args, row_offsets),
        AT(spiking_attention_args, live), AT(spiking_attention_args, neuron), AT(spiking_attention_args, rows),
        AT(spiking_attention_args, sequences), AT(spiking_attention_args, heads), AT(spiking_attention_args, timesteps),
        AT(spiking_attention_args, scale), AT(spiking_attention_args, spikes),

        SIZE(membrane_update_args), AT(membrane_update_args, current), AT(membrane_update_args, neuron), AT(membrane_update_args, rows),
        AT(membrane_update_args, width), AT(membrane_update_args, timesteps), AT(membrane_update_args, reserved),
        AT(membrane_update_args, spikes),

        SIZE(spike_retime_args), AT(spike_retime_args, input), AT(spike_retime_args, rows), AT(spike_retime_args, width),
        AT(spike_retime_args, from_timesteps), AT(spike_retime_args, timesteps), AT(spike_retime_args, spikes),

        SIZE(spike_count_args), AT(spike_count_args, spikes), AT(spike_count_args, rows), AT(spike_count_args, width),
        AT(spike_count_args, timesteps), AT(spike_count_args, sequences), AT(spike_count_args, row_offsets), AT(spike_count_args, counts),
        AT(spike_count_args, totals),

        SIZE(synapse_count_args), AT(synapse_count_args, spikes), AT(synapse_count_args, planes), AT(synapse_count_args, row_offsets),
        AT(synapse_count_args, least), AT(synapse_count_args, rows), AT(synapse_count_args, width), AT(synapse_count_args, timesteps),
        AT(synapse_count_args, sequences), AT(synapse_count_args, plane_count), AT(synapse_count_args, reserved),
        AT(synapse_count_args, totals),

        SIZE(classifier_head_args), AT(classifier_head_args, spikes), AT(classifier_head_args, rates), AT(classifier_head_args, row_offsets),
        AT(classifier_head_args, weight), AT(classifier_head_args, bias), AT(classifier_head_args, width), AT(classifier_head_args, timesteps),
        AT(classifier_head_args, sequences), AT(classifier_head_args, labels), AT(classifier_head_args, reserved),
        AT(classifier_head_args, logits),

        SIZE(rate_encode_args), AT(rate_encode_args, word), AT(rate_encode_args, position), AT(rate_encode_args, type),
        AT(rate_encode_args, norm), AT(rate_encode_args, neuron), AT(rate_encode_args, word_ids), AT(rate_encode_args, position_ids),
        AT(rate_encode_args, type_ids), AT(rate_encode_args, rows), AT(rate_encode_args, rates),

        SIZE(rate_matmul_args), AT(rate_matmul_args, input), AT(rate_matmul_args, packed), AT(rate_matmul_args, bias),
        AT(rate_matmul_args, residual), AT(rate_matmul_args, norm), AT(rate_matmul_args, neuron), AT(rate_matmul_args, rows),
        AT(rate_matmul_args, inputs), AT(rate_matmul_args, outputs), AT(rate_matmul_args, epilogue), AT(rate_matmul_args, tile_rows),
        AT(rate_matmul_args, output),

        SIZE(rate_attention_args), AT(rate_attention_args, query), AT(rate_attention_args, key), AT(rate_attention_args, value),
        AT(rate_attention_args, key_offsets), AT(rate_attention_args, value_offsets), AT(rate_attention_args, row_offsets),
        AT(rate_attention_args, live), AT(rate_attention_args, neuron), AT(rate_attention_args, rows), AT(rate_attention_args, sequences),
        AT(rate_attention_args, heads), AT(rate_attention_args, scale), AT(rate_attention_args, reserved), AT(rate_attention_args, rates),
    };
    constexpr int32_t LENGTH = sizeof LAYOUT / sizeof *LAYOUT;
    for (int32_t i = 0; entries != nullptr && i < LENGTH && i < capacity; ++i) entries[i] = LAYOUT[i];
    return LENGTH;
}

extern "C" int32_t leanspike_last_error(char *text, int32_t capacity) { return copy_text(last_error(), text, capacity); }

extern "C" int32_t leanspike_variant_supported(int32_t variant) { return find_kernels(variant) != nullptr ? 1 : 0; }

extern "C" int32_t leanspike_cpu_features(char *text, int32_t capacity) {
    int32_t length = 0;
    const int32_t status = guarded("cpu_features", [&] { length = copy_text(cpu_features(), text, capacity); });
    return status == LEANSPIKE_OK ? length : -status;
}
