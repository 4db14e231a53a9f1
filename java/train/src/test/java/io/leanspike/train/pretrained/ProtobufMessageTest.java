package io.leanspike.train.pretrained;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.nio.ByteBuffer;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Examples of protobuf.dev/programming-guides/encoding. */
class ProtobufMessageTest {
    private static ProtobufMessage message(int... bytes) {
        ByteBuffer buffer = ByteBuffer.allocate(bytes.length);
        for (int b : bytes) {
            buffer.put((byte) b);
        }
        return new ProtobufMessage(buffer.flip());
    }

    @Test
    void readsVarints() {
        assertEquals(List.of(150L), message(0x08, 0x96, 0x01).integers(1));
        assertEquals(List.of(-1L), message(0x08, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x01).integers(1));
    }

    @Test
    void readsTextAndMessages() {
        assertEquals("testing", message(0x12, 0x07, 0x74, 0x65, 0x73, 0x74, 0x69, 0x6e, 0x67).string(2));
        assertEquals(List.of(150L), message(0x1a, 0x03, 0x08, 0x96, 0x01).messages(3).getFirst().integers(1));
        assertEquals("", message().string(2));
    }

    @Test
    void packedAndRepeatedIntegersAreTheSame() {
        List<Long> values = List.of(3L, 270L, 86_942L);
        assertEquals(values, message(0x32, 0x06, 0x03, 0x8e, 0x02, 0x9e, 0xa7, 0x05).integers(6));
        assertEquals(values, message(0x30, 0x03, 0x30, 0x8e, 0x02, 0x30, 0x9e, 0xa7, 0x05).integers(6));
    }

    @Test
    void skipsFixedWidths() {
        assertEquals(List.of(1L), message(0x0d, 1, 2, 3, 4, 0x11, 1, 2, 3, 4, 5, 6, 7, 8, 0x18, 1).integers(3));
    }

    @ParameterizedTest
    @ValueSource(ints = {0x08, 0x0b, 0x12})
    void cutOffOrUnknownFieldsAreRefused(int key) {
        assertThrows(IllegalArgumentException.class, () -> message(key));
    }
}
