package io.leanspike.train.pretrained;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/**
 * The fields of one protobuf message, in the wire format (protobuf.dev/programming-guides/encoding): varints, 32-bit and 64-bit
 * values, and lengths followed by bytes. Enough to read ONNX files without generated code.
 */
final class ProtobufMessage {
    private record Field(int number, long value, ByteBuffer bytes) {}

    private static final int VARINT = 0;
    private static final int FIXED64 = 1;
    private static final int BYTES = 2;
    private static final int FIXED32 = 5;

    private final List<Field> fields = new ArrayList<>();

    /** @throws IllegalArgumentException when the bytes are no protobuf message */
    ProtobufMessage(ByteBuffer source) {
        ByteBuffer bytes = source.slice().order(ByteOrder.LITTLE_ENDIAN);
        try {
            while (bytes.hasRemaining()) {
                long key = varint(bytes);
                int number = Math.toIntExact(key >>> 3);
                switch ((int) (key & 7)) {
                    case VARINT -> fields.add(new Field(number, varint(bytes), ByteBuffer.allocate(0)));
                    case FIXED64 -> fields.add(new Field(number, bytes.getLong(), ByteBuffer.allocate(0)));
                    case FIXED32 -> fields.add(new Field(number, bytes.getInt(), ByteBuffer.allocate(0)));
                    case BYTES -> {
                        int length = Math.toIntExact(varint(bytes));
                        fields.add(new Field(number, length, bytes.slice(bytes.position(), length).order(ByteOrder.LITTLE_ENDIAN)));
                        bytes.position(bytes.position() + length);
                    }
                    default -> throw new IllegalArgumentException("wire type " + (key & 7));
                }
            }
        } catch (RuntimeException e) {
            throw new IllegalArgumentException("not a protobuf message: " + e, e);
        }
    }

    private static long varint(ByteBuffer bytes) {
        long value = 0;
        for (int shift = 0; shift < Long.SIZE; shift += 7) {
            byte next = bytes.get();
            value |= (long) (next & 0x7f) << shift;
            if (next >= 0) {
                return value;
            }
        }
        throw new IllegalArgumentException("a varint of more than 64 bits");
    }

    /** The bytes of each occurrence of a field. */
    List<ByteBuffer> bytes(int number) {
        return fields.stream().filter(field -> field.number == number).map(field -> field.bytes.duplicate().order(ByteOrder.LITTLE_ENDIAN))
                .toList();
    }

    List<ProtobufMessage> messages(int number) {
        return bytes(number).stream().map(ProtobufMessage::new).toList();
    }

    List<String> strings(int number) {
        return bytes(number).stream().map(bytes -> StandardCharsets.UTF_8.decode(bytes).toString()).toList();
    }

    /** The field's text; empty where it is absent. */
    String string(int number) {
        return strings(number).stream().findFirst().orElse("");
    }

    /** Integers, whether each has a field of its own or all are packed into one. */
    List<Long> integers(int number) {
        List<Long> values = new ArrayList<>();
        for (Field field : fields) {
            if (field.number != number) {
                continue;
            }
            ByteBuffer packed = field.bytes.duplicate();
            if (!packed.hasRemaining()) {
                values.add(field.value);
            }
            while (packed.hasRemaining()) {
                values.add(varint(packed));
            }
        }
        return values;
    }
}
