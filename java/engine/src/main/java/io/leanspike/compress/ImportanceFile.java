package io.leanspike.compress;

import io.leanspike.error.FileFailure;
import io.leanspike.error.InvalidInputException;
import io.leanspike.model.LayerShape;
import io.leanspike.model.ModelConfig;
import io.leanspike.model.Safetensors;
import io.leanspike.model.SafetensorsWriter;
import io.leanspike.model.StoredTensor;
import io.leanspike.tensor.ElementType;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;

/**
 * Importance of units that was measured before: a safetensors file with F64 {@code importance.layer.N.keys} [key width],
 * {@code importance.layer.N.values} [value width], {@code importance.layer.N.neurons} [intermediate width] and, where a head is not the
 * sum over its columns, {@code importance.layer.N.heads} [heads] for each layer, the more the higher.
 */
public final class ImportanceFile {
    private static final ValueLayout.OfDouble NUMBER = ValueLayout.JAVA_DOUBLE_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

    private ImportanceFile() {}

    /**
     * @return one a layer
     * @throws InvalidInputException when the file is not one for a model of this shape
     */
    public static List<UnitImportance> read(Path path, ModelConfig config) {
        try (Safetensors file = Safetensors.open(path)) {
            List<UnitImportance> layers = new ArrayList<>();
            for (int i = 0; i < config.hiddenLayers(); i++) {
                LayerShape shape = config.layers().get(i);
                layers.add(new UnitImportance(
                        read(file, name(i, "keys"), shape.heads().keyWidth()),
                        read(file, name(i, "values"), shape.heads().valueWidth()),
                        read(file, name(i, "neurons"), shape.intermediate()),
                        file.names().contains(name(i, "heads")) ? Optional.of(read(file, name(i, "heads"), shape.heads().count()))
                                : Optional.empty()));
            }
            return layers;
        }
    }

    private static String name(int layer, String units) {
        return "importance.layer." + layer + "." + units;
    }

    private static double[] read(Safetensors file, String name, int size) {
        StoredTensor tensor = file.tensor(name);
        if (tensor.type() != ElementType.F64 || !tensor.shape().equals(List.of((long) size))) {
            throw new InvalidInputException("%s: tensor %s is %s %s, but this model needs F64 [%d]: was it measured on another model?"
                    .formatted(file.file(), name, tensor.type(), tensor.shape(), size));
        }
        double[] values = new double[size];
        for (int i = 0; i < size; i++) {
            values[i] = tensor.data().getAtIndex(NUMBER, i);
            if (!(values[i] >= 0) || Double.isInfinite(values[i])) {
                throw new InvalidInputException("%s: tensor %s holds %s at index %d; importance is finite and at least 0"
                        .formatted(file.file(), name, values[i], i));
            }
        }
        return values;
    }

    /**
     * Writes the file, completely or not at all.
     *
     * @param layers one a layer
     * @throws InvalidInputException when the file exists or cannot be written
     */
    public static void write(List<UnitImportance> layers, Path path) {
        if (Files.exists(path)) {
            throw new InvalidInputException(path + " exists; name another file");
        }
        List<StoredTensor> tensors = new ArrayList<>();
        for (int i = 0; i < layers.size(); i++) {
            UnitImportance layer = layers.get(i);
            String heads = name(i, "heads");
            layer.ownHeads().ifPresent(own -> tensors.add(stored(heads, own)));
            tensors.add(stored(name(i, "keys"), layer.keys()));
            tensors.add(stored(name(i, "values"), layer.values()));
            tensors.add(stored(name(i, "neurons"), layer.neurons()));
        }
        Path place = path.toAbsolutePath().normalize();
        Path temporary = place.resolveSibling("." + place.getFileName() + "." + UUID.randomUUID() + ".tmp");
        try {
            SafetensorsWriter.write(temporary, tensors, Map.of());
            Files.move(temporary, place, StandardCopyOption.ATOMIC_MOVE);
        } catch (IOException e) {
            throw new InvalidInputException("%s cannot be written: %s".formatted(path, FileFailure.words(e)), e);
        } finally {
            deleteIfThere(temporary);
        }
    }

    private static void deleteIfThere(Path file) {
        try {
            Files.deleteIfExists(file);
        } catch (IOException e) {
            throw new InvalidInputException("%s cannot be removed: %s".formatted(file, FileFailure.words(e)), e);
        }
    }

    private static StoredTensor stored(String name, double[] values) {
        MemorySegment bytes = MemorySegment.ofArray(new byte[values.length * Double.BYTES]);
        for (int i = 0; i < values.length; i++) {
            bytes.setAtIndex(NUMBER, i, values[i]);
        }
        return new StoredTensor(name, ElementType.F64, List.of((long) values.length), bytes);
    }
}
