package io.leanspike.model;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonPrimitive;
import io.leanspike.error.InvalidInputException;
import io.leanspike.error.Quoted;
import io.leanspike.tensor.ElementType;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * The JSON header of a safetensors file, checked against the size of the data that follows it: the tensors cover the data exactly,
 * without a gap, an overlap or a byte too many.
 *
 * @param entries the tensors in the header's order
 * @param metadata the strings under {@code __metadata__}; empty where there are none
 */
record SafetensorsHeader(List<Entry> entries, Map<String, String> metadata) {
    static final String METADATA = "__metadata__";
    private static final Set<String> ENTRY_KEYS = Set.of("dtype", "shape", "data_offsets");

    /** One tensor; {@code begin} and {@code end} count bytes from the start of the data. */
    record Entry(String name, ElementType type, List<Long> shape, long begin, long end) {}

    /** @throws InvalidInputException when the header breaks the format in any way */
    static SafetensorsHeader parse(ByteBuffer json, Path file, long dataBytes) {
        String where = file + ": the safetensors header";
        if (!json.hasRemaining() || json.get(json.position()) != '{') {
            throw new InvalidInputException(where + " is not a JSON object: it does not start with '{'");
        }
        List<Entry> entries = new ArrayList<>();
        Map<String, String> metadata = Map.of();
        for (Map.Entry<String, JsonElement> member : StrictJson.parse(json, where).entrySet()) {
            if (member.getKey().equals(METADATA)) {
                metadata = metadata(member.getValue(), file);
            } else {
                entries.add(new EntryParser(file, member.getKey()).parse(member.getValue()));
            }
        }
        checkCoverage(entries, file, dataBytes);
        return new SafetensorsHeader(List.copyOf(entries), metadata);
    }

    private static Map<String, String> metadata(JsonElement element, Path file) {
        Map<String, String> metadata = new LinkedHashMap<>();
        if (element instanceof JsonObject object) {
            for (Map.Entry<String, JsonElement> member : object.entrySet()) {
                if (!(member.getValue() instanceof JsonPrimitive value && value.isString())) {
                    throw new InvalidInputException("%s: %s: the value of %s is not a string"
                            .formatted(file, METADATA, Quoted.of(member.getKey())));
                }
                metadata.put(member.getKey(), value.getAsString());
            }
            return Collections.unmodifiableMap(metadata);
        }
        throw new InvalidInputException("%s: %s is not a JSON object".formatted(file, METADATA));
    }

    private static void checkCoverage(List<Entry> entries, Path file, long dataBytes) {
        List<Entry> byOffset = new ArrayList<>(entries);
        byOffset.sort(Comparator.comparingLong(Entry::begin).thenComparingLong(Entry::end));
        for (Entry entry : byOffset) {
            if (entry.end() > dataBytes) {
                throw new InvalidInputException(("%s: tensor %s: its data ends at byte %d, but the file holds only %d bytes of data; "
                        + "the file is truncated or its header is wrong")
                        .formatted(file, Quoted.of(entry.name()), entry.end(), dataBytes));
            }
        }
        long covered = 0;
        for (Entry entry : byOffset) {
            if (entry.begin() != covered) {
                throw new InvalidInputException("%s: tensor %s: its data starts at byte %d, which %s the data before it (ends at %d)"
                        .formatted(file, Quoted.of(entry.name()), entry.begin(),
                                entry.begin() < covered ? "overlaps" : "leaves a gap after", covered));
            }
            covered = entry.end();
        }
        if (covered != dataBytes) {
            throw new InvalidInputException("%s: %d trailing bytes follow the last tensor".formatted(file, dataBytes - covered));
        }
    }

    /** Reads the description of one tensor. */
    private record EntryParser(Path file, String name) {

        Entry parse(JsonElement element) {
            if (!(element instanceof JsonObject object)) {
                throw invalid("its description is not a JSON object");
            }
            for (String key : object.keySet()) {
                if (!ENTRY_KEYS.contains(key)) {
                    throw invalid("unknown field " + Quoted.of(key) + "; a tensor has dtype, shape and data_offsets");
                }
            }
            ElementType type = type(object);
            List<Long> shape = counts(object, "shape");
            List<Long> offsets = counts(object, "data_offsets");
            if (offsets.size() != 2) {
                throw invalid("data_offsets has " + offsets.size() + " entries instead of 2");
            }
            long begin = offsets.get(0);
            long end = offsets.get(1);
            if (end < begin) {
                throw invalid("data_offsets are reversed: [%d, %d]".formatted(begin, end));
            }
            long bytes = bytes(type, shape);
            if (end - begin != bytes) {
                throw invalid("%s of shape %s takes %d bytes, but data_offsets [%d, %d] give it %d"
                        .formatted(type, shape, bytes, begin, end, end - begin));
            }
            return new Entry(name, type, shape, begin, end);
        }

        private long bytes(ElementType type, List<Long> shape) {
            try {
                return StoredTensor.bytes(type, shape);
            } catch (ArithmeticException e) {
                throw new InvalidInputException(invalid("shape " + shape + " overflows").getMessage(), e);
            }
        }

        private ElementType type(JsonObject object) {
            if (!(object.get("dtype") instanceof JsonPrimitive dtype && dtype.isString())) {
                throw invalid("dtype is missing or not a string");
            }
            for (ElementType type : ElementType.values()) {
                if (type.name().equals(dtype.getAsString())) {
                    return type;
                }
            }
            throw invalid("unknown dtype %s; known are %s"
                    .formatted(Quoted.of(dtype.getAsString()), List.of(ElementType.values())));
        }

        private List<Long> counts(JsonObject object, String field) {
            if (!(object.get(field) instanceof JsonArray array)) {
                throw invalid(field + " is missing or not a list");
            }
            List<Long> counts = new ArrayList<>(array.size());
            for (JsonElement element : array) {
                counts.add(count(element, field));
            }
            return counts;
        }

        private long count(JsonElement element, String field) {
            String text = element instanceof JsonPrimitive number && number.isNumber() ? number.getAsString() : "";
            try {
                long count = Long.parseLong(text);
                if (count >= 0) {
                    return count;
                }
            } catch (NumberFormatException e) {
                throw new InvalidInputException(invalid("%s has the entry %s, which is not a 64-bit integer"
                        .formatted(field, Quoted.of(element.toString()))).getMessage(), e);
            }
            throw invalid("%s has the negative entry %s".formatted(field, text));
        }

        private InvalidInputException invalid(String cause) {
            return new InvalidInputException("%s: tensor %s: %s".formatted(file, Quoted.of(name), cause));
        }
    }
}
