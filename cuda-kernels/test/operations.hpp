// One function an operation: checks its kernels against float64 on shapes that are odd, tiny, ragged and large; throws on a defect.
#pragma once
#include "arguments.hpp"
#include "device.hpp"
#include "layouts.hpp"
#include "reference.hpp"
#include "stored.hpp"

void test_spike_encode(Device&);
void test_spike_matmul(Device&);
void test_spike_matmul_norm(Device&);
void test_spike_gather_matmul(Device&);
void test_spiking_attention(Device&);
void test_membrane_update(Device&);
void test_spike_count(Device&);
void test_synapse_count(Device&);
void test_classifier_head(Device&);
