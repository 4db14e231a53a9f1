package io.leanspike.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.PrintWriter;
import java.io.StringWriter;
import org.junit.jupiter.api.Test;

class ProgressLineTest {
    private final StringWriter err = new StringWriter();

    @Test
    void rateAndTimeLeftFollowFromWhatIsDone() {
        assertEquals("250 of 1000, 50/s, 0:15 left", ProgressLine.state(250, 1000, 5));
    }

    @Test
    void aTerminalGetsABarThatIsWiped() throws InterruptedException {
        try (ProgressLine progress = new ProgressLine(streams(true))) {
            Thread.sleep(150);
            progress.at(15, 30);
        }
        assertTrue(err.toString().startsWith("\r[" + "=".repeat(15) + " ".repeat(15) + "]  15 of 30, "), err.toString());
        assertTrue(err.toString().endsWith(" \r"), "the line is empty again");
    }

    @Test
    void elsewhereAShortRunSaysNothing() {
        try (ProgressLine progress = new ProgressLine(streams(false))) {
            progress.at(15, 30);
            progress.at(30, 30);
        }
        assertEquals("", err.toString());
    }

    private Streams streams(boolean terminal) {
        return new Streams(new ByteArrayInputStream(new byte[0]), new ByteArrayOutputStream(), new PrintWriter(err), any -> terminal,
                false);
    }
}
