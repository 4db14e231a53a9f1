// Graphs: nodes with dependencies, instantiated into a sequence that keeps them.
#include "driver.h"
#include "fill.h"

#include <algorithm>

using namespace softgpu;

namespace {

CUgraphNode add_node(CUgraph graph_handle, const CUgraphNode *after, std::size_t count, Work work) {
    Graph &graph = graph_of(graph_handle);
    for (std::size_t i = 0; i < count; i++)
        if (node_of(after[i]).graph != graph_handle) fail(CUDA_ERROR_INVALID_VALUE, "a dependency of another graph");
    CUgraphNode handle = driver().nodes.add();
    GraphNode &node = node_of(handle);
    node.graph = graph_handle;
    node.work = std::move(work);
    node.after.assign(after, after + count);
    graph.nodes.push_back(handle);
    return handle;
}

Work kernel_work(const CUDA_KERNEL_NODE_PARAMS &p) {
    uint32_t grid[] = {p.gridDimX, p.gridDimY, p.gridDimZ}, block[] = {p.blockDimX, p.blockDimY, p.blockDimZ};
    auto call = std::make_shared<KernelCall>(checked_call(p.func, grid, block, p.sharedMemBytes, p.kernelParams, p.extra));
    return {CU_GRAPH_NODE_TYPE_KERNEL, nullptr, call, function_of(p.func).context};
}

// Nodes in order of creation, each after its dependencies.
std::vector<CUgraphNode> sequence(Graph &graph) {
    std::vector<CUgraphNode> done;
    auto is_done = [&](CUgraphNode n) { return std::find(done.begin(), done.end(), n) != done.end(); };
    while (done.size() < graph.nodes.size()) {
        std::size_t before = done.size();
        for (CUgraphNode handle : graph.nodes) {
            const auto &after = node_of(handle).after;
            if (!is_done(handle) && std::all_of(after.begin(), after.end(), is_done)) done.push_back(handle);
        }
        if (done.size() == before) fail(CUDA_ERROR_INVALID_VALUE, "the graph's dependencies form a circle");
    }
    return done;
}

void instantiate(CUgraphExec *out, CUgraph graph_handle) {
    current_context();
    given(out, "executable");
    Graph &graph = graph_of(graph_handle);
    std::vector<std::pair<CUgraphNode, Work>> steps;
    for (CUgraphNode handle : sequence(graph)) {
        Work work = node_of(handle).work;
        if (work.kernel) work.kernel = std::make_shared<KernelCall>(*work.kernel); // later changes of the graph do not reach it
        steps.emplace_back(handle, std::move(work));
    }
    *out = driver().executables.add();
    driver().executables.find(*out)->steps = std::move(steps);
}

GraphExec &executable_of(CUgraphExec handle) {
    GraphExec *exec = driver().executables.find(handle);
    if (!exec) fail(CUDA_ERROR_INVALID_HANDLE, "not an executable graph, or one already destroyed");
    return *exec;
}

// The usual way to return a list: the number asked for without room, else as many as fit.
void put_list(const std::vector<CUgraphNode> &list, CUgraphNode *out, size_t *count) {
    std::size_t room = out ? given(count, "count") : 0;
    given(count, "count") = out ? std::min(room, list.size()) : list.size();
    for (std::size_t i = 0; i < room; i++) out[i] = i < list.size() ? list[i] : nullptr;
}

void describe_kernel(KernelCall &call, CUDA_KERNEL_NODE_PARAMS &p) {
    const Program &program = function_of(call.function).program;
    call.pointers.clear();
    for (const KernelParameter &parameter : program.parameters) call.pointers.push_back(call.params.data() + parameter.offset);
    p = {call.function, call.grid[0], call.grid[1], call.grid[2], call.block[0], call.block[1], call.block[2], call.dynamic_shared,
         call.pointers.data(), nullptr, nullptr, nullptr};
}

} // namespace

SOFTGPU_API cuGraphCreate(CUgraph *graph, unsigned int) {
    return entry("cuGraphCreate", [&] { given(graph, "graph") = driver().graphs.add(); });
}
SOFTGPU_API cuGraphDestroy(CUgraph handle) {
    return entry("cuGraphDestroy", [&] {
        for (CUgraphNode node : graph_of(handle).nodes) driver().nodes.remove(node);
        driver().graphs.remove(handle);
    });
}
SOFTGPU_API cuGraphClone(CUgraph *clone, CUgraph original) {
    return entry("cuGraphClone", [&] {
        given(clone, "clone");
        Graph &from = graph_of(original);
        CUgraph to = driver().graphs.add();
        std::map<CUgraphNode, CUgraphNode> copies;
        for (CUgraphNode node : sequence(from)) {
            std::vector<CUgraphNode> after;
            for (CUgraphNode earlier : node_of(node).after) after.push_back(copies[earlier]);
            copies[node] = add_node(to, after.data(), after.size(), node_of(node).work);
        }
        *clone = to;
    });
}
SOFTGPU_API cuGraphAddKernelNode_v2(CUgraphNode *node, CUgraph graph, const CUgraphNode *after, size_t count, const CUDA_KERNEL_NODE_PARAMS *params) {
    return entry("cuGraphAddKernelNode", [&] { given(node, "node") = add_node(graph, after, count, kernel_work(given(params, "params"))); });
}
SOFTGPU_API cuGraphAddMemsetNode(CUgraphNode *node, CUgraph graph, const CUgraphNode *after, size_t count, const CUDA_MEMSET_NODE_PARAMS *params, CUcontext context) {
    return entry("cuGraphAddMemsetNode", [&] {
        CUDA_MEMSET_NODE_PARAMS p = given(params, "params");
        Device *device = context_of(context).device;
        if (p.elementSize != 1 && p.elementSize != 2 && p.elementSize != 4) fail(CUDA_ERROR_INVALID_VALUE, "the element size must be 1, 2 or 4");
        Work work{CU_GRAPH_NODE_TYPE_MEMSET, [=] { fill(*device, p.dst, p.pitch, p.value, p.elementSize, p.width, p.height); }, nullptr, context};
        given(node, "node") = add_node(graph, after, count, std::move(work));
    });
}
SOFTGPU_API cuGraphAddHostNode(CUgraphNode *node, CUgraph graph, const CUgraphNode *after, size_t count, const CUDA_HOST_NODE_PARAMS *params) {
    return entry("cuGraphAddHostNode", [&] {
        CUDA_HOST_NODE_PARAMS p = given(params, "params");
        given(node, "node") = add_node(graph, after, count, {CU_GRAPH_NODE_TYPE_HOST, [p] { p.fn(p.userData); }, nullptr, nullptr});
    });
}
SOFTGPU_API cuGraphAddEmptyNode(CUgraphNode *node, CUgraph graph, const CUgraphNode *after, size_t count) {
    return entry("cuGraphAddEmptyNode", [&] { given(node, "node") = add_node(graph, after, count, {}); });
}
SOFTGPU_API cuGraphAddDependencies(CUgraph graph, const CUgraphNode *from, const CUgraphNode *to, size_t count) {
    return entry("cuGraphAddDependencies", [&] {
        graph_of(graph);
        for (std::size_t i = 0; i < count; i++) {
            if (node_of(from[i]).graph != graph || node_of(to[i]).graph != graph) fail(CUDA_ERROR_INVALID_VALUE, "a node of another graph");
            node_of(to[i]).after.push_back(from[i]);
        }
    });
}
SOFTGPU_API cuGraphGetNodes(CUgraph graph, CUgraphNode *nodes, size_t *count) {
    return entry("cuGraphGetNodes", [&] { put_list(graph_of(graph).nodes, nodes, count); });
}
SOFTGPU_API cuGraphGetRootNodes(CUgraph graph, CUgraphNode *nodes, size_t *count) {
    return entry("cuGraphGetRootNodes", [&] {
        std::vector<CUgraphNode> roots;
        for (CUgraphNode node : graph_of(graph).nodes)
            if (node_of(node).after.empty()) roots.push_back(node);
        put_list(roots, nodes, count);
    });
}
SOFTGPU_API cuGraphGetEdges(CUgraph graph, CUgraphNode *from, CUgraphNode *to, size_t *count) {
    return entry("cuGraphGetEdges", [&] {
        std::vector<CUgraphNode> starts, ends;
        for (CUgraphNode node : graph_of(graph).nodes)
            for (CUgraphNode earlier : node_of(node).after) {
                starts.push_back(earlier);
                ends.push_back(node);
            }
        size_t room = given(count, "count");
        put_list(starts, from, count);
        put_list(ends, to, from ? &room : count);
    });
}
SOFTGPU_API cuGraphNodeGetType(CUgraphNode node, int *type) {
    return entry("cuGraphNodeGetType", [&] { given(type, "type") = node_of(node).work.type; });
}
SOFTGPU_API cuGraphNodeGetDependencies(CUgraphNode node, CUgraphNode *nodes, size_t *count) {
    return entry("cuGraphNodeGetDependencies", [&] { put_list(node_of(node).after, nodes, count); });
}
SOFTGPU_API cuGraphKernelNodeGetParams_v2(CUgraphNode node, CUDA_KERNEL_NODE_PARAMS *params) {
    return entry("cuGraphKernelNodeGetParams", [&] {
        Work &work = node_of(node).work;
        if (!work.kernel) fail(CUDA_ERROR_INVALID_VALUE, "not a kernel node");
        describe_kernel(*work.kernel, given(params, "params"));
    });
}
SOFTGPU_API cuGraphKernelNodeSetParams_v2(CUgraphNode node, const CUDA_KERNEL_NODE_PARAMS *params) {
    return entry("cuGraphKernelNodeSetParams", [&] {
        if (!node_of(node).work.kernel) fail(CUDA_ERROR_INVALID_VALUE, "not a kernel node");
        node_of(node).work = kernel_work(given(params, "params"));
    });
}

SOFTGPU_API cuGraphInstantiate(CUgraphExec *exec, CUgraph graph, CUgraphNode *, char *, size_t) {
    return entry("cuGraphInstantiate", [&] { instantiate(exec, graph); });
}
SOFTGPU_API cuGraphInstantiate_v2(CUgraphExec *exec, CUgraph graph, CUgraphNode *, char *, size_t) {
    return entry("cuGraphInstantiate", [&] { instantiate(exec, graph); });
}
SOFTGPU_API cuGraphInstantiateWithFlags(CUgraphExec *exec, CUgraph graph, unsigned long long) {
    return entry("cuGraphInstantiateWithFlags", [&] { instantiate(exec, graph); });
}
SOFTGPU_API cuGraphExecKernelNodeSetParams_v2(CUgraphExec exec, CUgraphNode node, const CUDA_KERNEL_NODE_PARAMS *params) {
    return entry("cuGraphExecKernelNodeSetParams", [&] {
        for (auto &[step, work] : executable_of(exec).steps)
            if (step == node && work.kernel) {
                work = kernel_work(given(params, "params"));
                return;
            }
        fail(CUDA_ERROR_INVALID_VALUE, "the executable graph has no such kernel node");
    });
}
SOFTGPU_API cuGraphLaunch(CUgraphExec handle, CUstream stream_handle) {
    return entry("cuGraphLaunch", [&] {
        GraphExec &exec = executable_of(handle);
        Stream &stream = stream_of(stream_handle);
        auto steps = std::make_shared<std::vector<std::pair<CUgraphNode, Work>>>(exec.steps);
        submit(stream, {CU_GRAPH_NODE_TYPE_GRAPH, [steps] { for (const auto &step : *steps) perform(step.second); }, nullptr, stream.context});
    });
}
SOFTGPU_API cuGraphUpload(CUgraphExec handle, CUstream stream) {
    return entry("cuGraphUpload", [&] {
        executable_of(handle);
        stream_of(stream);
    });
}
SOFTGPU_API cuGraphExecDestroy(CUgraphExec handle) {
    return entry("cuGraphExecDestroy", [&] {
        executable_of(handle);
        driver().executables.remove(handle);
    });
}
