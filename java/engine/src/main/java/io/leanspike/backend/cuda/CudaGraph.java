package io.leanspike.backend.cuda;

import jcuda.driver.CUgraph;
import jcuda.driver.CUgraphExec;
import jcuda.driver.JCudaDriver;

/** A captured sequence of launches and copies that the driver starts as one. */
final class CudaGraph implements AutoCloseable {
    private final CUgraphExec executable = new CUgraphExec();

    /** Takes the graph over. */
    CudaGraph(CUgraph graph) {
        try {
            DriverCall.check(JCudaDriver.cuGraphInstantiate(executable, graph, 0), "cuGraphInstantiate");
        } finally {
            DriverCall.check(JCudaDriver.cuGraphDestroy(graph), "cuGraphDestroy");
        }
    }

    CUgraphExec executable() {
        return executable;
    }

    @Override
    public void close() {
        DriverCall.check(JCudaDriver.cuGraphExecDestroy(executable), "cuGraphExecDestroy");
    }
}
