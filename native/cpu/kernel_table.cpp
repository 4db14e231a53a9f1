// This variant's kernels, as the API layer finds them.
#include "operations.hpp"
#include "query_block.hpp"

namespace leanspike::LEANSPIKE_VARIANT {

extern const kernel_table table = {
    QUERY_BLOCK,  pack_weights, pack_low_bit, pack_int8,     spike_encode,    spike_matmul, spiking_attention, membrane_update,
    spike_retime, spike_count,  spike_total,  synapse_count, classifier_head, rate_encode,  rate_matmul,       rate_attention,
};

} // namespace leanspike::LEANSPIKE_VARIANT
