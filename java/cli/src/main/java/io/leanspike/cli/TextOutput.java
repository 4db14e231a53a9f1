package io.leanspike.cli;

import io.leanspike.error.InvalidInputException;
import java.io.BufferedWriter;
import java.io.IOException;
import java.io.OutputStream;
import java.io.OutputStreamWriter;
import java.io.Writer;
import java.nio.charset.StandardCharsets;

/** Standard output as UTF-8 text whose failures are heard: {@link ReaderGone}, or {@link InvalidInputException} for a full disk. */
final class TextOutput {
    private final Writer writer;

    TextOutput(OutputStream out) {
        writer = new BufferedWriter(new OutputStreamWriter(out, StandardCharsets.UTF_8));
    }

    void print(String text) {
        try {
            writer.write(text);
        } catch (IOException e) {
            throw failure(e);
        }
    }

    void flush() {
        try {
            writer.flush();
        } catch (IOException e) {
            throw failure(e);
        }
    }

    private static RuntimeException failure(IOException e) {
        return "Broken pipe".equals(e.getMessage()) ? new ReaderGone(e)
                : new InvalidInputException("standard output cannot be written: " + e.getMessage(), e);
    }
}
