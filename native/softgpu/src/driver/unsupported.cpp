// Calls of the driver API that the software device does not implement. Each exists, so that whoever binds it lazily finds it, and
// answers CUDA_ERROR_NOT_SUPPORTED with its name in the error text. The arguments are never looked at.
#include "driver.h"

using namespace softgpu;

#define SOFTGPU_MISSING(name)                                                                                                   \
    SOFTGPU_API name() {                                                                                                        \
        return entry(#name, [] { fail(CUDA_ERROR_NOT_SUPPORTED, "the software GPU does not implement this call"); });           \
    }

// clang-format off
    SOFTGPU_MISSING(cuArray3DCreate_v2) SOFTGPU_MISSING(cuArray3DGetDescriptor_v2) SOFTGPU_MISSING(cuArrayCreate_v2)
    SOFTGPU_MISSING(cuArrayDestroy) SOFTGPU_MISSING(cuArrayGetDescriptor_v2) SOFTGPU_MISSING(cuArrayGetMemoryRequirements)
    SOFTGPU_MISSING(cuArrayGetPlane) SOFTGPU_MISSING(cuArrayGetSparseProperties) SOFTGPU_MISSING(cuCoredumpGetAttribute)
    SOFTGPU_MISSING(cuCtxAttach) SOFTGPU_MISSING(cuCtxCreate_v3) SOFTGPU_MISSING(cuCtxCreate_v4) SOFTGPU_MISSING(cuCtxDetach)
    SOFTGPU_MISSING(cuCtxDisablePeerAccess) SOFTGPU_MISSING(cuCtxEnablePeerAccess) SOFTGPU_MISSING(cuDeviceGetDefaultMemPool)
    SOFTGPU_MISSING(cuDeviceGetMemPool) SOFTGPU_MISSING(cuDeviceGetP2PAttribute) SOFTGPU_MISSING(cuDeviceGetProperties)
    SOFTGPU_MISSING(cuDeviceGetTexture1DLinearMaxWidth) SOFTGPU_MISSING(cuDeviceSetMemPool) SOFTGPU_MISSING(cuFuncSetBlockShape)
    SOFTGPU_MISSING(cuFuncSetSharedSize) SOFTGPU_MISSING(cuGLCtxCreate_v2) SOFTGPU_MISSING(cuGLGetDevices_v2)
    SOFTGPU_MISSING(cuGLInit) SOFTGPU_MISSING(cuGLMapBufferObjectAsync_v2) SOFTGPU_MISSING(cuGLMapBufferObject_v2)
    SOFTGPU_MISSING(cuGLRegisterBufferObject) SOFTGPU_MISSING(cuGLSetBufferObjectMapFlags)
    SOFTGPU_MISSING(cuGLUnmapBufferObject) SOFTGPU_MISSING(cuGLUnmapBufferObjectAsync)
    SOFTGPU_MISSING(cuGLUnregisterBufferObject) SOFTGPU_MISSING(cuGetExportTable) SOFTGPU_MISSING(cuGraphAddChildGraphNode)
    SOFTGPU_MISSING(cuGraphAddEventRecordNode) SOFTGPU_MISSING(cuGraphAddEventWaitNode) SOFTGPU_MISSING(cuGraphAddMemcpyNode)
    SOFTGPU_MISSING(cuGraphChildGraphNodeGetGraph) SOFTGPU_MISSING(cuGraphDestroyNode)
    SOFTGPU_MISSING(cuGraphEventRecordNodeGetEvent) SOFTGPU_MISSING(cuGraphEventRecordNodeSetEvent)
    SOFTGPU_MISSING(cuGraphEventWaitNodeGetEvent) SOFTGPU_MISSING(cuGraphEventWaitNodeSetEvent)
    SOFTGPU_MISSING(cuGraphExecChildGraphNodeSetParams) SOFTGPU_MISSING(cuGraphExecEventRecordNodeSetEvent)
    SOFTGPU_MISSING(cuGraphExecEventWaitNodeSetEvent) SOFTGPU_MISSING(cuGraphExecHostNodeSetParams)
    SOFTGPU_MISSING(cuGraphExecMemcpyNodeSetParams) SOFTGPU_MISSING(cuGraphExecMemsetNodeSetParams)
    SOFTGPU_MISSING(cuGraphExecUpdate_v2) SOFTGPU_MISSING(cuGraphHostNodeGetParams) SOFTGPU_MISSING(cuGraphHostNodeSetParams)
    SOFTGPU_MISSING(cuGraphKernelNodeCopyAttributes) SOFTGPU_MISSING(cuGraphKernelNodeGetAttribute)
    SOFTGPU_MISSING(cuGraphKernelNodeSetAttribute) SOFTGPU_MISSING(cuGraphMemcpyNodeGetParams)
    SOFTGPU_MISSING(cuGraphMemcpyNodeSetParams) SOFTGPU_MISSING(cuGraphMemsetNodeGetParams)
    SOFTGPU_MISSING(cuGraphNodeFindInClone) SOFTGPU_MISSING(cuGraphNodeGetDependentNodes)
    SOFTGPU_MISSING(cuGraphRemoveDependencies) SOFTGPU_MISSING(cuGraphicsGLRegisterBuffer)
    SOFTGPU_MISSING(cuGraphicsGLRegisterImage) SOFTGPU_MISSING(cuGraphicsMapResources)
    SOFTGPU_MISSING(cuGraphicsResourceGetMappedMipmappedArray) SOFTGPU_MISSING(cuGraphicsResourceGetMappedPointer_v2)
    SOFTGPU_MISSING(cuGraphicsResourceSetMapFlags_v2) SOFTGPU_MISSING(cuGraphicsSubResourceGetMappedArray)
    SOFTGPU_MISSING(cuGraphicsUnmapResources) SOFTGPU_MISSING(cuGraphicsUnregisterResource) SOFTGPU_MISSING(cuGreenCtxCreate)
    SOFTGPU_MISSING(cuIpcCloseMemHandle) SOFTGPU_MISSING(cuIpcGetEventHandle) SOFTGPU_MISSING(cuIpcGetMemHandle)
    SOFTGPU_MISSING(cuIpcOpenEventHandle) SOFTGPU_MISSING(cuIpcOpenMemHandle_v2) SOFTGPU_MISSING(cuKernelGetFunction)
    SOFTGPU_MISSING(cuLaunch) SOFTGPU_MISSING(cuLaunchCooperativeKernel) SOFTGPU_MISSING(cuLaunchCooperativeKernelMultiDevice)
    SOFTGPU_MISSING(cuLaunchGrid) SOFTGPU_MISSING(cuLaunchGridAsync) SOFTGPU_MISSING(cuLibraryGetKernel)
    SOFTGPU_MISSING(cuLibraryLoadData) SOFTGPU_MISSING(cuLibraryUnload) SOFTGPU_MISSING(cuLinkAddData_v2)
    SOFTGPU_MISSING(cuLinkAddFile_v2) SOFTGPU_MISSING(cuLinkComplete) SOFTGPU_MISSING(cuLinkCreate_v2)
    SOFTGPU_MISSING(cuLinkDestroy) SOFTGPU_MISSING(cuMemAddressFree) SOFTGPU_MISSING(cuMemAddressReserve)
    SOFTGPU_MISSING(cuMemAllocFromPoolAsync) SOFTGPU_MISSING(cuMemCreate) SOFTGPU_MISSING(cuMemExportToShareableHandle)
    SOFTGPU_MISSING(cuMemGetAccess) SOFTGPU_MISSING(cuMemGetAllocationGranularity)
    SOFTGPU_MISSING(cuMemGetAllocationPropertiesFromHandle) SOFTGPU_MISSING(cuMemImportFromShareableHandle)
    SOFTGPU_MISSING(cuMemMap) SOFTGPU_MISSING(cuMemPoolCreate) SOFTGPU_MISSING(cuMemPoolDestroy)
    SOFTGPU_MISSING(cuMemPoolGetAccess) SOFTGPU_MISSING(cuMemPoolGetAttribute) SOFTGPU_MISSING(cuMemPoolSetAccess)
    SOFTGPU_MISSING(cuMemPoolSetAttribute) SOFTGPU_MISSING(cuMemPoolTrimTo) SOFTGPU_MISSING(cuMemRangeGetAttribute)
    SOFTGPU_MISSING(cuMemRangeGetAttributes) SOFTGPU_MISSING(cuMemRelease) SOFTGPU_MISSING(cuMemRetainAllocationHandle)
    SOFTGPU_MISSING(cuMemSetAccess) SOFTGPU_MISSING(cuMemUnmap) SOFTGPU_MISSING(cuMemcpy3DAsync_v2)
    SOFTGPU_MISSING(cuMemcpy3DBatchAsync) SOFTGPU_MISSING(cuMemcpy3DPeer) SOFTGPU_MISSING(cuMemcpy3DPeerAsync)
    SOFTGPU_MISSING(cuMemcpy3D_v2) SOFTGPU_MISSING(cuMemcpyAtoA_v2) SOFTGPU_MISSING(cuMemcpyAtoD_v2)
    SOFTGPU_MISSING(cuMemcpyAtoHAsync_v2) SOFTGPU_MISSING(cuMemcpyAtoH_v2) SOFTGPU_MISSING(cuMemcpyDtoA_v2)
    SOFTGPU_MISSING(cuMemcpyHtoAAsync_v2) SOFTGPU_MISSING(cuMemcpyHtoA_v2) SOFTGPU_MISSING(cuMemsetD2D16Async)
    SOFTGPU_MISSING(cuMemsetD2D16_v2) SOFTGPU_MISSING(cuMemsetD2D32Async) SOFTGPU_MISSING(cuMemsetD2D8Async)
    SOFTGPU_MISSING(cuMipmappedArrayCreate) SOFTGPU_MISSING(cuMipmappedArrayDestroy) SOFTGPU_MISSING(cuMipmappedArrayGetLevel)
    SOFTGPU_MISSING(cuMipmappedArrayGetMemoryRequirements) SOFTGPU_MISSING(cuMipmappedArrayGetSparseProperties)
    SOFTGPU_MISSING(cuModuleGetSurfRef) SOFTGPU_MISSING(cuModuleGetTexRef) SOFTGPU_MISSING(cuMulticastCreate)
    SOFTGPU_MISSING(cuParamSetSize) SOFTGPU_MISSING(cuParamSetTexRef) SOFTGPU_MISSING(cuParamSetf) SOFTGPU_MISSING(cuParamSeti)
    SOFTGPU_MISSING(cuParamSetv) SOFTGPU_MISSING(cuPointerSetAttribute) SOFTGPU_MISSING(cuStreamAttachMemAsync)
    SOFTGPU_MISSING(cuStreamCopyAttributes) SOFTGPU_MISSING(cuStreamGetAttribute) SOFTGPU_MISSING(cuStreamGetCaptureInfo_v2)
    SOFTGPU_MISSING(cuStreamSetAttribute) SOFTGPU_MISSING(cuStreamUpdateCaptureDependencies)
    SOFTGPU_MISSING(cuStreamWaitValue32_v2) SOFTGPU_MISSING(cuStreamWaitValue64_v2) SOFTGPU_MISSING(cuStreamWriteValue32_v2)
    SOFTGPU_MISSING(cuStreamWriteValue64_v2) SOFTGPU_MISSING(cuSurfObjectCreate) SOFTGPU_MISSING(cuSurfObjectDestroy)
    SOFTGPU_MISSING(cuSurfObjectGetResourceDesc) SOFTGPU_MISSING(cuSurfRefGetArray) SOFTGPU_MISSING(cuSurfRefSetArray)
    SOFTGPU_MISSING(cuTensorMapEncodeTiled) SOFTGPU_MISSING(cuTexObjectCreate) SOFTGPU_MISSING(cuTexObjectDestroy)
    SOFTGPU_MISSING(cuTexObjectGetResourceDesc) SOFTGPU_MISSING(cuTexObjectGetResourceViewDesc)
    SOFTGPU_MISSING(cuTexObjectGetTextureDesc) SOFTGPU_MISSING(cuTexRefCreate) SOFTGPU_MISSING(cuTexRefDestroy)
    SOFTGPU_MISSING(cuTexRefGetAddressMode) SOFTGPU_MISSING(cuTexRefGetAddress_v2) SOFTGPU_MISSING(cuTexRefGetArray)
    SOFTGPU_MISSING(cuTexRefGetBorderColor) SOFTGPU_MISSING(cuTexRefGetFilterMode) SOFTGPU_MISSING(cuTexRefGetFlags)
    SOFTGPU_MISSING(cuTexRefGetFormat) SOFTGPU_MISSING(cuTexRefGetMaxAnisotropy) SOFTGPU_MISSING(cuTexRefGetMipmapFilterMode)
    SOFTGPU_MISSING(cuTexRefGetMipmapLevelBias) SOFTGPU_MISSING(cuTexRefGetMipmapLevelClamp)
    SOFTGPU_MISSING(cuTexRefGetMipmappedArray) SOFTGPU_MISSING(cuTexRefSetAddress2D_v3) SOFTGPU_MISSING(cuTexRefSetAddressMode)
    SOFTGPU_MISSING(cuTexRefSetAddress_v2) SOFTGPU_MISSING(cuTexRefSetArray) SOFTGPU_MISSING(cuTexRefSetBorderColor)
    SOFTGPU_MISSING(cuTexRefSetFilterMode) SOFTGPU_MISSING(cuTexRefSetFlags) SOFTGPU_MISSING(cuTexRefSetFormat)
    SOFTGPU_MISSING(cuTexRefSetMaxAnisotropy) SOFTGPU_MISSING(cuTexRefSetMipmapFilterMode)
    SOFTGPU_MISSING(cuTexRefSetMipmapLevelBias) SOFTGPU_MISSING(cuTexRefSetMipmapLevelClamp)
    SOFTGPU_MISSING(cuTexRefSetMipmappedArray)
// clang-format on

// Hints that change nothing here.
SOFTGPU_API cuMemAdvise(CUdeviceptr, size_t, int, CUdevice) { return CUDA_SUCCESS; }
SOFTGPU_API cuMemPrefetchAsync(CUdeviceptr, size_t, CUdevice, CUstream) { return CUDA_SUCCESS; }
SOFTGPU_API cuProfilerInitialize(const char *, const char *, int) { return CUDA_SUCCESS; }
SOFTGPU_API cuProfilerStart() { return CUDA_SUCCESS; }
SOFTGPU_API cuProfilerStop() { return CUDA_SUCCESS; }
