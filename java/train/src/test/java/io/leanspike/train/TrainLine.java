package io.leanspike.train;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Path;

/**
 * A command line of {@code leanspike train} that was run.
 *
 * @param message what it said on standard error
 */
record TrainLine(int code, String message) {

    /** @param line arguments with spaces between; DIR stands for the folder */
    static TrainLine run(Path folder, String line) {
        return run(line.replace("DIR", folder.toString()).split(" "));
    }

    static TrainLine run(String... arguments) {
        StringWriter err = new StringWriter();
        int code = TrainCommand.run(new PrintWriter(new StringWriter()), new PrintWriter(err, true), arguments);
        return new TrainLine(code, err.toString());
    }

    void succeeds() {
        assertEquals(0, code, message);
    }
}
