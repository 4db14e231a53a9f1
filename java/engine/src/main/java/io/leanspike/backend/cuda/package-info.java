/**
 * Hand-written CUDA kernels launched through JCuda's driver API, on a GPU or on the software GPU of native/softgpu. Everything here
 * that owns something of the driver closes it; every failed driver call is a {@link io.leanspike.backend.cuda.CudaException}.
 */
package io.leanspike.backend.cuda;
