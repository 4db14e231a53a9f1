package io.leanspike.bench.peers;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * A protobuf message under construction, in the wire format (protobuf.dev/programming-guides/encoding): enough to write ONNX files
 * without generated code. Fields may come in any order; large ones are not copied.
 */
final class OnnxMessage {
    private static final int VARINT = 0;
    private static final int BYTES = 2;
    private static final int FIXED32 = 5;

    private final List<byte[]> parts = new ArrayList<>();
    private long size;

    private OnnxMessage add(byte[] bytes) {
        parts.add(bytes);
        size += bytes.length;
        return this;
    }

    private static byte[] varints(long... values) {
        ByteBuffer bytes = ByteBuffer.allocate(10 * values.length);
        for (long value : values) {
            long rest = value;
            while ((rest & ~0x7fL) != 0) {
                bytes.put((byte) (rest & 0x7f | 0x80));
                rest >>>= 7;
            }
            bytes.put((byte) rest);
        }
        return Arrays.copyOf(bytes.array(), bytes.position());
    }

    private static long key(int field, int type) {
        return (long) field << 3 | type;
    }

    OnnxMessage integer(int field, long value) {
        return add(varints(key(field, VARINT), value));
    }

    OnnxMessage real(int field, float value) {
        add(varints(key(field, FIXED32)));
        return add(ByteBuffer.allocate(Float.BYTES).order(ByteOrder.LITTLE_ENDIAN).putFloat(value).array());
    }

    OnnxMessage bytes(int field, byte[] value) {
        return add(varints(key(field, BYTES), value.length)).add(value);
    }

    OnnxMessage text(int field, String value) {
        return bytes(field, value.getBytes(StandardCharsets.UTF_8));
    }

    OnnxMessage message(int field, OnnxMessage value) {
        add(varints(key(field, BYTES), value.size));
        value.parts.forEach(this::add);
        return this;
    }

    void writeTo(OutputStream out) throws IOException {
        for (byte[] part : parts) {
            out.write(part);
        }
    }
}
