package io.leanspike.model;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonPrimitive;
import io.leanspike.error.InvalidInputException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.DoublePredicate;

/**
 * The fields of a JSON object in a file, read with checks; every error names the file and the field.
 *
 * @param prefix what stands before a field's name in messages: empty, or {@code "spiking."}
 */
public record JsonFields(Path file, String prefix, JsonObject object) {

    /** @throws InvalidInputException when the bytes are not exactly one JSON object */
    public static JsonFields parse(Path file, byte[] bytes) {
        return new JsonFields(file, "", StrictJson.parse(ByteBuffer.wrap(bytes), file.toString()));
    }

    boolean has(String field) {
        return object.has(field);
    }

    /** A whole number from {@code least} to {@code most}. */
    public int integer(String field, int least, int most) {
        return integer(field, required(field), least, most);
    }

    /** A whole number, or a list of whole numbers, each from {@code least} to {@code most}; one number gives a list of one. */
    List<Integer> integers(String field, int least, int most) {
        JsonElement value = required(field);
        if (!(value instanceof JsonArray array)) {
            return List.of(integer(field, value, least, most));
        }
        List<Integer> integers = new ArrayList<>(array.size());
        for (JsonElement element : array) {
            integers.add(integer(field + "[" + integers.size() + "]", element, least, most));
        }
        return integers;
    }

    /** A number that float32 holds, so finite there too; {@code range} says in words what the caller allows. */
    public double number(String field, DoublePredicate allowed, String range) {
        JsonElement value = required(field);
        if (!(value instanceof JsonPrimitive number && number.isNumber())) {
            throw invalid(field, "is %s instead of a number".formatted(shown(value)));
        }
        double parsed = Double.parseDouble(number.getAsString());
        if (!Float.isFinite((float) parsed) || !allowed.test(parsed)) {
            throw invalid(field, "is %s, but must be %s".formatted(shown(value), range));
        }
        return parsed;
    }

    public String string(String field) {
        JsonElement value = required(field);
        if (value instanceof JsonPrimitive string && string.isString()) {
            return string.getAsString();
        }
        throw invalid(field, "is %s instead of a string".formatted(shown(value)));
    }

    JsonFields fields(String field) {
        JsonElement value = required(field);
        if (value instanceof JsonObject inner) {
            return new JsonFields(file, prefix + field + ".", inner);
        }
        throw invalid(field, "is %s instead of a JSON object".formatted(shown(value)));
    }

    /** The objects of an array. */
    public List<JsonFields> objects(String field) {
        if (!(required(field) instanceof JsonArray array)) {
            throw invalid(field, "is %s instead of a list".formatted(shown(required(field))));
        }
        List<JsonFields> objects = new ArrayList<>();
        for (int i = 0; i < array.size(); i++) {
            if (!(array.get(i) instanceof JsonObject inner)) {
                throw invalid(field + "[" + i + "]", "is %s instead of a JSON object".formatted(shown(array.get(i))));
            }
            objects.add(new JsonFields(file, prefix + field + "[" + i + "].", inner));
        }
        return objects;
    }

    public InvalidInputException invalid(String field, String cause) {
        return new InvalidInputException("%s: field \"%s%s\" %s".formatted(file, prefix, field, cause));
    }

    private JsonElement required(String field) {
        if (!object.has(field)) {
            throw invalid(field, "is missing");
        }
        return object.get(field);
    }

    private int integer(String field, JsonElement value, int least, int most) {
        if (!(value instanceof JsonPrimitive number && number.isNumber())) {
            throw invalid(field, "is %s instead of a whole number".formatted(shown(value)));
        }
        if (!number.getAsString().matches("-?\\d+")) {
            throw invalid(field, "is %s, which is not a whole number".formatted(shown(value)));
        }
        try {
            int parsed = Integer.parseInt(number.getAsString());
            if (parsed >= least && parsed <= most) {
                return parsed;
            }
        } catch (NumberFormatException e) {
            // Digits alone: it is beyond an int, so beyond the range below.
        }
        throw invalid(field, "is %s, but must be from %d to %d".formatted(shown(value), least, most));
    }

    private static String shown(JsonElement value) {
        String text = value.toString();
        return text.length() <= 60 ? text : text.substring(0, 60) + "...";
    }
}
