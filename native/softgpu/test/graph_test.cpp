// Stream capture and graphs: what is captured does not run until the graph is launched, then runs in order, any number of times.
#include "device.h"

namespace {

const std::string step_ptx = header() + R"(
.visible .entry k(.param .u64 a, .param .u32 factor, .param .u32 plus) {
    .reg .b64 %d<2>; .reg .b32 %r<8>;
    ld.param.u64 %d0, [a]; ld.param.u32 %r1, [factor]; ld.param.u32 %r2, [plus]; ld.global.u32 %r0, [%d0]; mad.lo.u32 %r0, %r0, %r1, %r2; st.global.u32 [%d0], %r0; ret;
})";

struct Steps {
    Device device;
    CUfunction kernel = device.kernel(step_ptx);
    CUdeviceptr cell = device.put(std::vector<uint32_t>{1});
    CUstream stream = nullptr;

    Steps() { OK(cuStreamCreate(&stream, CU_STREAM_NON_BLOCKING)); }
    CUresult step(unsigned factor, unsigned plus, CUstream where) {
        void *parameters[] = {&cell, &factor, &plus};
        return cuLaunchKernel(kernel, 1, 1, 1, 1, 1, 1, 0, where, parameters, nullptr);
    }
    uint32_t value() { return device.get<uint32_t>(cell, 1)[0]; }
    CUDA_KERNEL_NODE_PARAMS node(unsigned &factor, unsigned &plus, std::vector<void *> &pointers) {
        pointers = {&cell, &factor, &plus};
        return {kernel, 1, 1, 1, 1, 1, 1, 0, pointers.data(), nullptr, nullptr, nullptr};
    }
};

} // namespace

TEST("a captured sequence of kernels, copies and fills replays with the parameters of the capture") {
    Steps s;
    int status;
    CUgraph graph;
    uint32_t host = 5, result = 0;
    OK(cuStreamBeginCapture_v2(s.stream, 0));
    OK(cuStreamIsCapturing(s.stream, &status));
    CHECK(status == 1);
    OK(cuMemcpyHtoDAsync_v2(s.cell, &host, 4, s.stream));
    unsigned factor = 3;
    OK(s.step(factor, 1, s.stream));
    factor = 99;
    OK(s.step(2, 0, s.stream));
    OK(cuMemcpyDtoHAsync_v2(&result, s.cell, 4, s.stream));
    OK(cuMemsetD32Async(s.cell, 70, 1, s.stream));
    OK(cuStreamEndCapture(s.stream, &graph));
    OK(cuStreamIsCapturing(s.stream, &status));
    CHECK(status == 0 && s.value() == 1 && result == 0);
    size_t count = 0;
    OK(cuGraphGetNodes(graph, nullptr, &count));
    CHECK(count == 5);
    std::vector<CUgraphNode> nodes(count);
    OK(cuGraphGetNodes(graph, nodes.data(), &count));
    int types[] = {CU_GRAPH_NODE_TYPE_MEMCPY, CU_GRAPH_NODE_TYPE_KERNEL, CU_GRAPH_NODE_TYPE_KERNEL, CU_GRAPH_NODE_TYPE_MEMCPY, CU_GRAPH_NODE_TYPE_MEMSET};
    for (size_t i = 0; i < count; i++) {
        int type;
        OK(cuGraphNodeGetType(nodes[i], &type));
        CHECK(type == types[i]);
    }
    OK(cuGraphGetEdges(graph, nullptr, nullptr, &count));
    CHECK(count == 4);
    CUgraphExec exec;
    OK(cuGraphInstantiateWithFlags(&exec, graph, 0));
    OK(cuGraphDestroy(graph));
    for (uint32_t i = 0; i < 3; i++) {
        host = 5 + i;
        OK(cuGraphLaunch(exec, s.stream));
        OK(cuStreamSynchronize(s.stream));
        CHECK(result == ((5 + i) * 3 + 1) * 2 && s.value() == 70, << result);
    }
    OK(cuGraphExecDestroy(exec));
    CHECK(cuGraphLaunch(exec, s.stream) == CUDA_ERROR_INVALID_HANDLE);
}

TEST("two streams joined by events are captured into one graph") {
    Steps s;
    CUstream side;
    CUevent fork, join;
    OK(cuStreamCreate(&side, CU_STREAM_NON_BLOCKING));
    OK(cuEventCreate(&fork, 0));
    OK(cuEventCreate(&join, 0));
    CUgraph graph;
    OK(cuStreamBeginCapture_v2(s.stream, 0));
    OK(s.step(10, 1, s.stream));
    OK(cuEventRecord(fork, s.stream));
    OK(cuStreamWaitEvent(side, fork, 0));
    OK(s.step(10, 2, side));
    CHECK(cuEventQuery(fork) == CUDA_ERROR_CAPTURED_EVENT);
    OK(cuEventRecord(join, side));
    OK(cuStreamWaitEvent(s.stream, join, 0));
    OK(s.step(10, 3, s.stream));
    CHECK(cuStreamEndCapture(side, &graph) == CUDA_ERROR_STREAM_CAPTURE_UNMATCHED);
    OK(cuStreamEndCapture(s.stream, &graph));
    CUgraphExec exec;
    OK(cuGraphInstantiate_v2(&exec, graph, nullptr, nullptr, 0));
    OK(cuGraphLaunch(exec, s.stream));
    CHECK(s.value() == 1123, << s.value());
    int status;
    OK(cuStreamIsCapturing(side, &status));
    CHECK(status == 0);
}

TEST("captures that go wrong") {
    Steps s;
    CUgraph graph;
    CHECK(cuStreamBeginCapture_v2(nullptr, 0) == CUDA_ERROR_STREAM_CAPTURE_UNSUPPORTED);
    CHECK(cuStreamEndCapture(s.stream, &graph) == CUDA_ERROR_ILLEGAL_STATE);
    auto spoiled = [&](CUresult want, auto call) {
        OK(cuStreamBeginCapture_v2(s.stream, 0));
        CUresult got = call();
        CHECK(got == want, << got);
        CHECK(cuStreamEndCapture(s.stream, &graph) == CUDA_ERROR_STREAM_CAPTURE_INVALIDATED);
    };
    spoiled(CUDA_ERROR_STREAM_CAPTURE_UNSUPPORTED, [&] { return cuStreamSynchronize(s.stream); });
    spoiled(CUDA_ERROR_STREAM_CAPTURE_UNSUPPORTED, [&] { return cuCtxSynchronize(); });
    spoiled(CUDA_ERROR_STREAM_CAPTURE_UNSUPPORTED, [&] {
        CUdeviceptr address;
        return cuMemAlloc_v2(&address, 16);
    });
    CUstream blocking, side;
    OK(cuStreamCreate(&blocking, 0));
    OK(cuStreamBeginCapture_v2(blocking, 2));
    CHECK(s.step(1, 0, nullptr) == CUDA_ERROR_STREAM_CAPTURE_IMPLICIT);
    CHECK(cuStreamEndCapture(blocking, &graph) == CUDA_ERROR_STREAM_CAPTURE_INVALIDATED);
    CUevent event;
    OK(cuEventCreate(&event, 0));
    OK(cuStreamCreate(&side, CU_STREAM_NON_BLOCKING));
    OK(cuStreamBeginCapture_v2(s.stream, 2));
    OK(cuEventRecord(event, s.stream));
    OK(cuStreamWaitEvent(side, event, 0));
    OK(s.step(1, 0, side));
    CHECK(cuStreamEndCapture(s.stream, &graph) == CUDA_ERROR_STREAM_CAPTURE_UNJOINED);
    OK(s.step(2, 5, s.stream)); // the streams are usable again
    CHECK(s.value() == 7);
}

TEST("graphs built by hand keep their dependencies and can be changed") {
    Steps s;
    CUgraph graph;
    OK(cuGraphCreate(&graph, 0));
    unsigned factors[] = {10, 10, 10}, pluses[] = {1, 2, 3};
    std::vector<void *> pointers;
    CUgraphNode last, middle, first;
    auto add = [&](CUgraphNode *node, int i) {
        CUDA_KERNEL_NODE_PARAMS params = s.node(factors[i], pluses[i], pointers);
        OK(cuGraphAddKernelNode_v2(node, graph, nullptr, 0, &params));
    };
    add(&last, 2);
    add(&middle, 1);
    add(&first, 0);
    CUgraphNode from[] = {first, middle}, to[] = {middle, last};
    OK(cuGraphAddDependencies(graph, from, to, 2));
    size_t roots = 0;
    OK(cuGraphGetRootNodes(graph, nullptr, &roots));
    CHECK(roots == 1);
    CUgraphExec exec;
    OK(cuGraphInstantiate(&exec, graph, nullptr, nullptr, 0));
    OK(cuGraphLaunch(exec, s.stream));
    CHECK(s.value() == 1123, << s.value());
    CUDA_KERNEL_NODE_PARAMS params;
    OK(cuGraphKernelNodeGetParams_v2(middle, &params));
    CHECK(params.gridDimX == 1 && *static_cast<unsigned *>(params.kernelParams[2]) == 2);
    unsigned one = 1, seven = 7;
    params = s.node(one, seven, pointers);
    OK(cuGraphExecKernelNodeSetParams_v2(exec, last, &params));
    OK(cuMemsetD32_v2(s.cell, 0, 1));
    OK(cuGraphLaunch(exec, s.stream));
    CHECK(s.value() == 12 + 7, << s.value());
    OK(cuGraphAddDependencies(graph, &last, &first, 1));
    CHECK(cuGraphInstantiate(&exec, graph, nullptr, nullptr, 0) == CUDA_ERROR_INVALID_VALUE);
}

TEST("host and memset nodes") {
    Steps s;
    CUgraph graph;
    OK(cuGraphCreate(&graph, 0));
    CUDA_MEMSET_NODE_PARAMS fill{s.cell, 0, 9, 4, 1, 1};
    int calls = 0;
    CUDA_HOST_NODE_PARAMS host{[](void *p) { ++*static_cast<int *>(p); }, &calls};
    CUgraphNode a, b;
    OK(cuGraphAddMemsetNode(&a, graph, nullptr, 0, &fill, s.device.context));
    OK(cuGraphAddHostNode(&b, graph, &a, 1, &host));
    CUgraphExec exec;
    OK(cuGraphInstantiateWithFlags(&exec, graph, 0));
    OK(cuGraphLaunch(exec, s.stream));
    OK(cuGraphLaunch(exec, s.stream));
    CHECK(s.value() == 9 && calls == 2);
}

int main() { return run_tests(); }
