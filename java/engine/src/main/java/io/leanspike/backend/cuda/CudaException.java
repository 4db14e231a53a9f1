package io.leanspike.backend.cuda;

/** A CUDA driver call that failed: which call, on what, and the driver's own words. */
public final class CudaException extends RuntimeException {
    private static final long serialVersionUID = 1L;
    private final int result;

    CudaException(int result, String message) {
        super(message);
        this.result = result;
    }

    /** The driver's CUresult. */
    public int result() {
        return result;
    }
}
