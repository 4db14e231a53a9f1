package io.leanspike.cli;

import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.function.Consumer;
import java.util.function.UnaryOperator;

/** A copy of a small model, sst2-tiny with 8-bit embeddings, in a folder of its own, to be damaged in one place. */
record BrokenModel(Path folder) {
    private static final int LENGTH_BYTES = 8;

    static BrokenModel copy(Path folder) {
        try {
            Files.createDirectories(folder);
            for (String name : new String[] {"config.json", "model.safetensors", "vocab.txt"}) {
                try (InputStream in = BrokenModel.class.getResourceAsStream("sst2-tiny/" + name)) {
                    Files.copy(in, folder.resolve(name));
                }
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return new BrokenModel(folder);
    }

    BrokenModel edit(String name, UnaryOperator<String> change) {
        return editBytes(name, bytes -> change.apply(new String(bytes, StandardCharsets.UTF_8)).getBytes(StandardCharsets.UTF_8));
    }

    BrokenModel weights(UnaryOperator<byte[]> change) {
        return editBytes("model.safetensors", change);
    }

    /** Changes the header of model.safetensors and leaves its data alone. */
    BrokenModel header(Consumer<JsonObject> change) {
        return weights(bytes -> {
            int dataStart = LENGTH_BYTES + headerBytes(bytes);
            JsonObject header = parsed(bytes);
            change.accept(header);
            byte[] text = header.toString().getBytes(StandardCharsets.UTF_8);
            ByteBuffer changed = ByteBuffer.allocate(LENGTH_BYTES + text.length + bytes.length - dataStart).order(ByteOrder.LITTLE_ENDIAN);
            return changed.putLong(text.length).put(text).put(bytes, dataStart, bytes.length - dataStart).array();
        });
    }

    /** Puts a float32 into a tensor. */
    BrokenModel element(String tensor, int index, float value) {
        return weights(bytes -> {
            int begin = parsed(bytes).getAsJsonObject(tensor).getAsJsonArray("data_offsets").get(0).getAsInt();
            ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN)
                    .putFloat(LENGTH_BYTES + headerBytes(bytes) + begin + index * Float.BYTES, value);
            return bytes;
        });
    }

    private BrokenModel editBytes(String name, UnaryOperator<byte[]> change) {
        try {
            Path file = folder.resolve(name);
            Files.write(file, change.apply(Files.readAllBytes(file)));
            return this;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static int headerBytes(byte[] bytes) {
        return Math.toIntExact(ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN).getLong());
    }

    private static JsonObject parsed(byte[] bytes) {
        String text = new String(Arrays.copyOfRange(bytes, LENGTH_BYTES, LENGTH_BYTES + headerBytes(bytes)), StandardCharsets.UTF_8);
        return JsonParser.parseString(text).getAsJsonObject();
    }
}
