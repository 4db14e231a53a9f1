package io.leanspike.cli;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import java.io.BufferedReader;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.WebSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Assumptions;

/** A page in a real browser, headless Chromium, spoken to in its DevTools protocol. */
final class HeadlessBrowser implements AutoCloseable {
    private static final String LISTENING = "DevTools listening on ";
    private static final int SECONDS = 60;

    private final Process process;
    private final WebSocket socket;
    private final BlockingQueue<JsonObject> messages = new LinkedBlockingQueue<>();
    /** Errors and requests that the page caused. */
    private final List<String> events = new ArrayList<>();
    private String session = "";
    private int asked;

    private HeadlessBrowser(Process process, URI address) {
        this.process = process;
        socket = HttpClient.newHttpClient().newWebSocketBuilder().buildAsync(address, new WebSocket.Listener() {
            private final StringBuilder text = new StringBuilder();

            @Override
            public CompletionStage<?> onText(WebSocket from, CharSequence part, boolean last) {
                text.append(part);
                if (last) {
                    messages.add(JsonParser.parseString(text.toString()).getAsJsonObject());
                    text.setLength(0);
                }
                from.request(1);
                return null;
            }
        }).join();
    }

    /** Opens a page in a window of this size. The calling test is skipped where there is no Chromium. */
    static HeadlessBrowser open(Path page, Path profile, int width, int height) throws Exception {
        Path chromium = Stream.of("/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome").map(Path::of)
                .filter(Files::isExecutable).findFirst().orElse(null);
        Assumptions.assumeTrue(chromium != null, "skipped: no Chromium on this machine; install it with apt-get install chromium");
        Process process = new ProcessBuilder(chromium.toString(), "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic",
                "--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync",
                "--remote-debugging-port=0", "--user-data-dir=" + profile, "--window-size=%d,%d".formatted(width, height), "about:blank")
                .redirectOutput(ProcessBuilder.Redirect.DISCARD).start();
        HeadlessBrowser browser = new HeadlessBrowser(process, address(process));
        JsonObject target = browser.ask("Target.createTarget", "{\"url\": \"about:blank\"}");
        browser.session = browser.ask("Target.attachToTarget", "{\"flatten\": true, \"targetId\": %s}".formatted(target.get("targetId")))
                .get("sessionId").getAsString();
        browser.ask("Runtime.enable", "{}");
        browser.ask("Network.enable", "{}");
        browser.ask("Page.enable", "{}");
        browser.ask("Page.navigate", "{\"url\": \"%s\"}".formatted(page.toUri()));
        browser.await("document.readyState === 'complete'");
        return browser;
    }

    private static URI address(Process process) throws IOException {
        // Not closed: Chromium goes on writing, and a thread goes on reading.
        BufferedReader err = process.errorReader();
        for (String line = err.readLine(); line != null; line = err.readLine()) {
            if (line.startsWith(LISTENING)) {
                Thread.ofVirtual().start(() -> err.lines().forEach(ignored -> {}));
                return URI.create(line.substring(LISTENING.length()));
            }
        }
        throw new IllegalStateException("Chromium ended before it listened");
    }

    private JsonObject ask(String method, String parameters) throws InterruptedException {
        JsonObject message = new JsonObject();
        message.addProperty("id", ++asked);
        message.addProperty("method", method);
        message.add("params", JsonParser.parseString(parameters));
        if (!session.isEmpty()) {
            message.addProperty("sessionId", session);
        }
        socket.sendText(message.toString(), true).join();
        while (true) {
            JsonObject answer = messages.poll(SECONDS, TimeUnit.SECONDS);
            if (answer == null) {
                throw new IllegalStateException("Chromium does not answer " + method);
            }
            if (answer.has("id") && answer.get("id").getAsInt() == asked) {
                if (answer.has("error")) {
                    throw new IllegalStateException(method + ": " + answer.get("error"));
                }
                return answer.getAsJsonObject("result");
            }
            note(answer);
        }
    }

    private void note(JsonObject event) {
        String method = event.has("method") ? event.get("method").getAsString() : "";
        if (method.equals("Runtime.exceptionThrown") || method.equals("Network.requestWillBeSent")
                || (method.equals("Runtime.consoleAPICalled") && event.getAsJsonObject("params").get("type").getAsString()
                        .equals("error"))) {
            JsonElement request = event.getAsJsonObject("params").get("request");
            events.add(request == null ? event.toString() : request.getAsJsonObject().get("url").getAsString());
        }
    }

    /** The value of an expression in the page, as text. */
    String value(String expression) throws InterruptedException {
        JsonObject parameters = new JsonObject();
        parameters.addProperty("expression", "String(" + expression + ")");
        JsonObject result = ask("Runtime.evaluate", parameters.toString());
        if (result.has("exceptionDetails")) {
            throw new IllegalStateException(expression + ": " + result.get("exceptionDetails"));
        }
        return result.getAsJsonObject("result").get("value").getAsString();
    }

    private void await(String condition) throws InterruptedException {
        long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(SECONDS);
        while (!value(condition).equals("true")) {
            if (System.nanoTime() > end) {
                throw new IllegalStateException("never true: " + condition);
            }
            Thread.sleep(20);
        }
    }

    /** Presses and releases a key, named as browsers name it. */
    void press(String key, int code) throws InterruptedException {
        String parameters = "{\"type\": \"%s\", \"key\": \"%s\", \"code\": \"%s\", \"windowsVirtualKeyCode\": %d}";
        ask("Input.dispatchKeyEvent", parameters.formatted("rawKeyDown", key, key, code));
        ask("Input.dispatchKeyEvent", parameters.formatted("keyUp", key, key, code));
    }

    /** Clicks into the middle of the first element that matches. */
    void click(String selector) throws InterruptedException {
        String middle = "(e => { e.scrollIntoView({block: 'center'}); const r = e.getBoundingClientRect();"
                + " return (r.left + r.width / 2) + ' ' + (r.top + r.height / 2); })(document.querySelector(\"%s\"))".formatted(selector);
        String[] at = value(middle).split(" ");
        for (String type : new String[] {"mouseMoved", "mousePressed", "mouseReleased"}) {
            ask("Input.dispatchMouseEvent", "{\"type\": \"%s\", \"x\": %s, \"y\": %s, \"button\": \"left\", \"clickCount\": 1}"
                    .formatted(type, at[0], at[1]));
        }
    }

    /** Script errors, and everything that was requested. */
    List<String> events() {
        return List.copyOf(events);
    }

    /** Waits for all of Chromium's processes: one that outlives the first still writes to the profile while the test's folder is removed. */
    @Override
    public void close() throws Exception {
        socket.abort();
        List<ProcessHandle> all = Stream.concat(process.descendants(), Stream.of(process.toHandle())).toList();
        process.destroy();
        CompletableFuture.allOf(all.stream().map(ProcessHandle::onExit).toArray(CompletableFuture[]::new)).get(SECONDS, TimeUnit.SECONDS);
    }
}
