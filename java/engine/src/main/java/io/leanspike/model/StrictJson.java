package io.leanspike.model;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonNull;
import com.google.gson.JsonObject;
import com.google.gson.JsonPrimitive;
import com.google.gson.Strictness;
import com.google.gson.ToNumberPolicy;
import com.google.gson.stream.JsonReader;
import com.google.gson.stream.JsonToken;
import io.leanspike.error.InvalidInputException;
import io.leanspike.error.Quoted;
import java.io.IOException;
import java.io.StringReader;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Reads one JSON object by the letter of RFC 8259: no leniency, no repeated keys, bounded nesting, nothing after the object. */
final class StrictJson {
    private static final int DEEPEST = 64;
    private static final Pattern PLACE = Pattern.compile("line \\d+ column \\d+");

    private StrictJson() {}

    /**
     * @param where the start of every error message: the file, and the part of it
     * @throws InvalidInputException when the bytes are not exactly one JSON object in UTF-8
     */
    static JsonObject parse(ByteBuffer utf8, String where) {
        JsonReader reader = new JsonReader(new StringReader(decode(utf8, where)));
        reader.setStrictness(Strictness.STRICT);
        reader.setNestingLimit(DEEPEST + 1);
        try {
            if (reader.peek() != JsonToken.BEGIN_OBJECT) {
                throw new InvalidInputException(where + " is not a JSON object");
            }
            JsonObject object = readObject(reader, where, 0);
            checkEnd(reader, where);
            return object;
        } catch (IOException e) {
            Matcher place = PLACE.matcher(String.valueOf(e.getMessage()));
            throw new InvalidInputException(where + " is not valid JSON" + (place.find() ? " at " + place.group() : ""), e);
        }
    }

    /** A strict reader throws when it is asked to look at anything after the object. */
    private static void checkEnd(JsonReader reader, String where) {
        try {
            reader.peek();
        } catch (IOException e) {
            throw new InvalidInputException(where + " goes on after its JSON object", e);
        }
    }

    private static String decode(ByteBuffer utf8, String where) {
        try {
            return StandardCharsets.UTF_8.newDecoder().decode(utf8).toString();
        } catch (CharacterCodingException e) {
            throw new InvalidInputException(where + " is not UTF-8 text", e);
        }
    }

    private static JsonObject readObject(JsonReader reader, String where, int depth) throws IOException {
        JsonObject object = new JsonObject();
        reader.beginObject();
        while (reader.hasNext()) {
            String name = reader.nextName();
            if (object.has(name)) {
                throw new InvalidInputException(where + " has the key " + Quoted.of(name) + " more than once");
            }
            object.add(name, readValue(reader, where, depth + 1));
        }
        reader.endObject();
        return object;
    }

    private static JsonArray readArray(JsonReader reader, String where, int depth) throws IOException {
        JsonArray array = new JsonArray();
        reader.beginArray();
        while (reader.hasNext()) {
            array.add(readValue(reader, where, depth + 1));
        }
        reader.endArray();
        return array;
    }

    private static JsonElement readValue(JsonReader reader, String where, int depth) throws IOException {
        if (depth >= DEEPEST) {
            throw new InvalidInputException(where + " nests its JSON deeper than " + DEEPEST + " levels");
        }
        return switch (reader.peek()) {
            case BEGIN_OBJECT -> readObject(reader, where, depth);
            case BEGIN_ARRAY -> readArray(reader, where, depth);
            case STRING -> new JsonPrimitive(reader.nextString());
            case NUMBER -> new JsonPrimitive(ToNumberPolicy.LAZILY_PARSED_NUMBER.readNumber(reader));
            case BOOLEAN -> new JsonPrimitive(reader.nextBoolean());
            case NULL -> {
                reader.nextNull();
                yield JsonNull.INSTANCE;
            }
            default -> throw new IllegalStateException("unreachable: " + reader.peek());
        };
    }
}
