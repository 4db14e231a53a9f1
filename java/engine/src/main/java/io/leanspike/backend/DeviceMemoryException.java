package io.leanspike.backend;

/** A device has too little memory for what was asked of it; a smaller batch may fit. */
public final class DeviceMemoryException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    public DeviceMemoryException(String message) {
        super(message);
    }
}
