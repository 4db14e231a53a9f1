// An order of the nodes of a control-flow graph in which every loop stands together, and otherwise each node stands after those
// that lead to it (a weak topological order; Bourdoncle 1993). Works for any graph, reducible or not.
#pragma once

#include <cstdint>
#include <vector>

namespace softgpu {

// Nodes that cannot be reached from node 0 are left out.
std::vector<uint32_t> weak_topological_order(const std::vector<std::vector<uint32_t>> &successors);

} // namespace softgpu
