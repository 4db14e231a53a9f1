package io.leanspike.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PipedInputStream;
import java.io.PipedOutputStream;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

class ClassifyCommandTest {
    private static final String[] QUICK = {"classify", "--timesteps", "2"};

    @Test
    void oneJsonLineForEachTextInOrder() {
        List<String> both = Invocation.of("classify", "a warm and funny film", "a dull and painful bore of a film").fine().lines();
        assertEquals(2, both.size());
        JsonObject first = JsonParser.parseString(both.getFirst()).getAsJsonObject();
        assertEquals(List.of("label", "probabilities", "logits", "truncated"), List.copyOf(first.keySet()));
        assertEquals("positive", first.get("label").getAsString());
        assertEquals("negative", JsonParser.parseString(both.getLast()).getAsJsonObject().get("label").getAsString());
        JsonObject probabilities = first.getAsJsonObject("probabilities");
        assertEquals(List.of("negative", "positive"), List.copyOf(probabilities.keySet()));
        assertEquals(1, probabilities.get("negative").getAsDouble() + probabilities.get("positive").getAsDouble(), 1e-12);
        double ratio = probabilities.get("positive").getAsDouble() / probabilities.get("negative").getAsDouble();
        double difference = first.getAsJsonArray("logits").get(1).getAsDouble() - first.getAsJsonArray("logits").get(0).getAsDouble();
        assertEquals(difference, Math.log(ratio), 1e-9);
    }

    @Test
    void linesOfStandardInputGetTheAnswersOfArguments() {
        String[] texts = {"a fine film", "caf\u00e9 noir", "what a dreadful bore", "it ends well"};
        Invocation arguments = Invocation.of("classify", "--timesteps", 2, texts[0], texts[1], texts[2], texts[3]).fine();
        byte[] lines = String.join("\r\n", texts).getBytes(StandardCharsets.UTF_8);
        Invocation input = Invocation.withInput(lines, "classify", "--timesteps", 2, "--batch", 3).fine();
        assertEquals(arguments.out(), input.out());
    }

    @Test
    void aTabMakesAPair() {
        byte[] pair = "is it good\tit is good\n".getBytes(StandardCharsets.UTF_8);
        assertEquals(Invocation.of("classify", "--timesteps", 2, "is it good\tit is good").fine().out(),
                Invocation.withInput(pair, (Object[]) QUICK).fine().out());
    }

    @Test
    void noInputGivesNoOutput() {
        assertEquals("", Invocation.of((Object[]) QUICK).fine().out());
    }

    @Test
    void linesBeforeABadOneAreAnswered() {
        badLine("good film\n\nnever read\n".getBytes(StandardCharsets.UTF_8), "standard input:2: the text is empty");
        badLine("good film\nmore\tthan\ttwo\n".getBytes(StandardCharsets.UTF_8), "standard input:2: 3 texts");
        badLine("good film\nhalf a pair\t\n".getBytes(StandardCharsets.UTF_8), "standard input:2: one text of the pair is empty");
        badLine("good film\ncaf\u00e9\n".getBytes(StandardCharsets.ISO_8859_1), "standard input:2", "UTF-8");
    }

    private static void badLine(byte[] input, String... message) {
        Invocation run = Invocation.withInput(input, (Object[]) QUICK).refused(message);
        assertEquals(1, run.lines().size());
    }

    @Test
    void emptyArgumentIsRefused() {
        Invocation.of("classify", "fine", " ").refused("text 2: the text is empty");
        Invocation.of("classify", "\uFFFD").refused("text 1", "UTF-8 locale");
    }

    @Test
    @Timeout(value = 60, unit = TimeUnit.SECONDS)
    void aLineIsAnsweredBeforeTheNextIsWritten() throws Exception {
        PipedOutputStream typed = new PipedOutputStream();
        PipedOutputStream out = new PipedOutputStream();
        BufferedReader shown = new BufferedReader(new InputStreamReader(new PipedInputStream(out), StandardCharsets.UTF_8));
        Streams streams = new Streams(new PipedInputStream(typed), out, new PrintWriter(new StringWriter()), descriptor -> true, true);
        Thread command = Thread.ofPlatform().start(() -> Main.run(streams, QUICK));
        for (String text : List.of("a good film\n", "a bad film\n")) {
            typed.write(text.getBytes(StandardCharsets.UTF_8));
            typed.flush();
            assertTrue(shown.readLine().startsWith("{\"label\":"));
        }
        typed.close();
        command.join();
    }

    @Test
    void overlongTextSaysThatItWasTruncated() throws IOException {
        Invocation run = Invocation.of("classify", "--timesteps", 1, "good ".repeat(400)).fine();
        assertTrue(JsonParser.parseString(run.out()).getAsJsonObject().get("truncated").getAsBoolean());
    }
}
