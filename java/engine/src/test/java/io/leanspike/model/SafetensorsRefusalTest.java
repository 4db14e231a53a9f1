package io.leanspike.model;

import static io.leanspike.model.Refusal.assertRefused;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class SafetensorsRefusalTest {
    @TempDir
    private Path folder;

    static List<Arguments> malformedHeaders() throws IOException {
        try (BufferedReader lines = new BufferedReader(new InputStreamReader(
                SafetensorsRefusalTest.class.getResourceAsStream("malformed-headers.txt"), StandardCharsets.UTF_8))) {
            return lines.lines().filter(line -> !line.startsWith("#")).map(line -> line.split(" \\| ?", 3))
                    .map(fields -> Arguments.of(Integer.parseInt(fields[0]), fields[1], fields[2])).toList();
        }
    }

    @ParameterizedTest
    @MethodSource("malformedHeaders")
    void malformedHeaderIsRefusedNamingFileAndCause(int dataBytes, String cause, String header) {
        assertFileRefused(SafetensorsBytes.of(header, dataBytes), cause);
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 7})
    void fileShorterThanTheHeaderLengthIsRefused(int bytes) {
        assertFileRefused(new byte[bytes], bytes + " bytes are too few");
    }

    @ParameterizedTest
    @ValueSource(longs = {3, 100, 1L << 40, Long.MAX_VALUE, -1, Long.MIN_VALUE})
    void headerLengthBeyondTheFileIsRefused(long length) {
        assertFileRefused(SafetensorsBytes.of(length, "{}".getBytes(StandardCharsets.UTF_8), 0),
                "the header length is " + Long.toUnsignedString(length));
    }

    @Test
    void headerLengthInsideTheHeaderIsRefused() {
        String header = "{\"a\":{\"dtype\":\"U8\",\"shape\":[1],\"data_offsets\":[0,1]}}";
        byte[] bytes = header.getBytes(StandardCharsets.UTF_8);
        assertFileRefused(SafetensorsBytes.of(bytes.length - 1, bytes, 1), "is not valid JSON");
        assertFileRefused(SafetensorsBytes.of(0, bytes, 1), "is not a JSON object");
    }

    @Test
    void headerThatIsNotUtf8IsRefused() {
        byte[] overlong = {'{', '"', (byte) 0xc0, (byte) 0xaf, '"', ':', '1', '}'};
        assertFileRefused(SafetensorsBytes.of(overlong.length, overlong, 0), "is not UTF-8");
        byte[] cut = {'{', '"', (byte) 0xe2, (byte) 0x82};
        assertFileRefused(SafetensorsBytes.of(cut.length, cut, 0), "is not UTF-8");
    }

    @ParameterizedTest
    @ValueSource(strings = {"[", "{\"a\":"})
    void deeplyNestedHeaderIsRefusedWithoutExhaustingTheStack(String opening) {
        assertFileRefused(SafetensorsBytes.of("{\"a\":" + opening.repeat(1_000_000), 0), "nests its JSON deeper than 64 levels");
    }

    @Test
    void truncatedDataIsRefused() {
        assertFileRefused(SafetensorsBytes.of("{\"w\":{\"dtype\":\"F32\",\"shape\":[4],\"data_offsets\":[0,16]}}", 15),
                "tensor 'w'", "only 15 bytes of data", "truncated");
    }

    @Test
    void namesInMessagesAreShortAndPrintable() {
        String name = "\\u001b[2J" + "x".repeat(10_000);
        assertFileRefused(SafetensorsBytes.of("{\"" + name + "\":1}", 0), "\\u001b[2Jxxx", "...");
    }

    @Test
    void absentFileAndFolderAreRefused() {
        Path absent = folder.resolve("absent.safetensors");
        assertRefused(() -> Safetensors.open(absent), absent, "does not exist");
        assertRefused(() -> Safetensors.open(folder), folder, "is not a file");
    }

    @Test
    void missingTensorIsRefusedByName() {
        try (Safetensors file = Safetensors.open(SafetensorsBytes.write(folder.resolve("f"), SafetensorsBytes.of("{}", 0)))) {
            assertTrue(file.names().isEmpty());
            assertEquals(10, file.fileBytes());
            assertRefused(() -> file.tensor("w"), file.file(), "tensor 'w' is missing");
        }
    }

    private void assertFileRefused(byte[] bytes, String... causes) {
        Path file = SafetensorsBytes.write(folder.resolve("model.safetensors"), bytes);
        assertRefused(() -> Safetensors.open(file), (Object[]) causes);
        assertRefused(() -> Safetensors.open(file), file);
    }
}
