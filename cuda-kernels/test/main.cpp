// kernels_test <folder of the PTX> <operation>
#include "operations.hpp"

#include <cstring>
#include <functional>

int main(int argc, char** argv) {
    const std::map<std::string, std::function<void(Device&)>> operations = {
        {"spike_encode", test_spike_encode},
        {"spike_matmul", test_spike_matmul},
        {"spike_matmul_norm", test_spike_matmul_norm},
        {"spike_gather_matmul", test_spike_gather_matmul},
        {"spiking_attention", test_spiking_attention},
        {"membrane_update", test_membrane_update},
        {"spike_count", test_spike_count},
        {"synapse_count", test_synapse_count},
        {"classifier_head", test_classifier_head},
    };
    if (argc != 3 || !operations.count(argv[2])) {
        std::fprintf(stderr, "usage: %s <folder of the PTX> <operation>\n", argv[0]);
        return 2;
    }
    try {
        Device device(argv[1]);
        operations.at(argv[2])(device);
    } catch (const std::exception& failure) {
        std::fprintf(stderr, "%s: %s\n", argv[2], failure.what());
        return 1;
    }
    return 0;
}
