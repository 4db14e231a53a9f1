// This variant's operations; each is defined in the file of its name.
#pragma once

#include "kernels.hpp"

namespace leanspike::LEANSPIKE_VARIANT {

void pack_weights(const pack_weights_job &job, int64_t panel, unsigned char *scratch);
void pack_low_bit(const pack_low_bit_job &job, int64_t panel, unsigned char *scratch);
void pack_int8(const pack_int8_job &job, int64_t panel, unsigned char *scratch);
void spike_encode(const embedding_job &job, int64_t tile, unsigned char *scratch);
void spike_matmul(const spike_matmul_job &job, int64_t item, unsigned char *scratch);
void spiking_attention(const spiking_attention_job &job, int64_t item, unsigned char *scratch);
void membrane_update(const membrane_update_job &job, int64_t tile, unsigned char *scratch);
void spike_retime(const spike_retime_job &job, int64_t tile, unsigned char *scratch);
void spike_count(const spike_count_job &job, int64_t tile, unsigned char *scratch);
void spike_total(const spike_count_job &job, int64_t sequence, unsigned char *scratch);
void synapse_count(const synapse_count_job &job, int64_t sequence, unsigned char *scratch);
void classifier_head(const classifier_head_job &job, int64_t sequence, unsigned char *scratch);
void rate_encode(const embedding_job &job, int64_t tile, unsigned char *scratch);
void rate_matmul(const rate_matmul_job &job, int64_t item, unsigned char *scratch);
void rate_attention(const rate_attention_job &job, int64_t item, unsigned char *scratch);

} // namespace leanspike::LEANSPIKE_VARIANT
