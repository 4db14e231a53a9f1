package io.leanspike.text;

import io.leanspike.error.FileFailure;
import io.leanspike.error.InvalidInputException;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;

/**
 * The lines of a text file, one at a time, decoded strictly as UTF-8. A line ends at LF or CRLF and nowhere else: texts may hold
 * other line separators. A byte order mark before the first line is dropped.
 */
public final class Utf8Lines implements AutoCloseable {
    private static final int MAX_LINE_BYTES = 1 << 20;

    private final String name;
    private final InputStream in;
    private final byte[] buffer = new byte[1 << 16];
    private int start;
    private int end;
    private int number;
    private String line = "";

    /** @throws InvalidInputException when the file cannot be opened */
    public Utf8Lines(Path file) {
        name = file.toString();
        try {
            if (Files.isDirectory(file)) {
                throw new InvalidInputException(file + ": is a folder, but a text file is needed");
            }
            in = Files.newInputStream(file);
        } catch (NoSuchFileException e) {
            throw new InvalidInputException(file + ": no such file", e);
        } catch (IOException e) {
            throw unreadable(e);
        }
    }

    /**
     * The lines of a stream, read no further than they are asked for. Closing the lines closes the stream.
     *
     * @param name what messages call it
     */
    public Utf8Lines(InputStream in, String name) {
        this.in = in;
        this.name = name;
    }

    /**
     * Moves to the next line; false when there is none.
     *
     * @throws InvalidInputException when the line is not UTF-8 or too long to be a line of text, or the file cannot be read
     */
    public boolean advance() {
        if (start == end && !fill()) {
            return false;
        }
        number++;
        int stop = endOfLine();
        if (stop < end) {
            line = decode(buffer, start, stop - start);
            start = stop + 1;
        } else {
            line = acrossBuffers(stop);
        }
        return true;
    }

    /** The line that ends in a later filling of the buffer, or with the file. */
    private String acrossBuffers(int firstStop) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream(2 * (firstStop - start) + 64);
        int stop = firstStop;
        while (true) {
            bytes.write(buffer, start, stop - start);
            start = stop;
            if (bytes.size() > MAX_LINE_BYTES) {
                throw new InvalidInputException("%s:%d: the line is longer than %d bytes; is this a text file?"
                        .formatted(name, number, MAX_LINE_BYTES));
            }
            if (stop < end) {
                start++;
                break;
            }
            if (!fill()) {
                break;
            }
            stop = endOfLine();
        }
        return decode(bytes.toByteArray(), 0, bytes.size());
    }

    private int endOfLine() {
        int stop = start;
        while (stop < end && buffer[stop] != '\n') {
            stop++;
        }
        return stop;
    }

    /** The line that {@link #advance} moved to, without its end. */
    public String line() {
        return line;
    }

    /** Its number, from 1. */
    public int number() {
        return number;
    }

    /** False when {@link #advance} would wait for a slow writer, or is at the end. */
    public boolean isReady() {
        try {
            return start < end || in.available() > 0;
        } catch (IOException e) {
            throw unreadable(e);
        }
    }

    private String decode(byte[] bytes, int offset, int length) {
        String text = new String(bytes, offset, length, StandardCharsets.UTF_8);
        // The fast decoder puts U+FFFD where the bytes are wrong, and where the text has one.
        if (text.indexOf('\uFFFD') >= 0) {
            requireUtf8(ByteBuffer.wrap(bytes, offset, length));
        }
        int from = number == 1 && text.startsWith("\uFEFF") ? 1 : 0;
        int to = text.endsWith("\r") ? text.length() - 1 : text.length();
        return text.substring(from, to);
    }

    private void requireUtf8(ByteBuffer bytes) {
        try {
            StandardCharsets.UTF_8.newDecoder().decode(bytes);
        } catch (CharacterCodingException e) {
            throw new InvalidInputException(
                    "%s:%d: the line is not valid UTF-8; convert the file to UTF-8".formatted(name, number), e);
        }
    }

    private boolean fill() {
        try {
            start = 0;
            end = Math.max(0, in.read(buffer));
            return end > 0;
        } catch (IOException e) {
            throw unreadable(e);
        }
    }

    private InvalidInputException unreadable(IOException e) {
        return new InvalidInputException("%s: cannot be read: %s".formatted(name, FileFailure.words(e)), e);
    }

    @Override
    public void close() {
        try {
            in.close();
        } catch (IOException e) {
            throw unreadable(e);
        }
    }
}
