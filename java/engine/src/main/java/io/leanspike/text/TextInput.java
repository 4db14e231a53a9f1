package io.leanspike.text;

import java.util.Optional;

/** What a model reads as one sequence: a text, or a pair of texts. */
public record TextInput(String text, Optional<String> pair) {

    public static TextInput of(String text) {
        return new TextInput(text, Optional.empty());
    }

    public static TextInput of(String text, String pair) {
        return new TextInput(text, Optional.of(pair));
    }
}
