package io.leanspike.train.loop;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import java.io.StringReader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import javax.xml.parsers.DocumentBuilderFactory;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.w3c.dom.Element;
import org.xml.sax.InputSource;

class CurvePageTest {
    private static final Pattern DRAWING = Pattern.compile("<svg.*?</svg>");

    @TempDir
    private Path folder;

    private String page(List<JsonObject> lines) throws Exception {
        Path file = Files.createDirectories(folder.resolve("mine & <yours>/training")).resolve("curve.html");
        CurvePage.write(file, lines, "student of a<b, epochs 3");
        return Files.readString(file);
    }

    private static List<JsonObject> metrics(int steps) {
        List<JsonObject> lines = new ArrayList<>();
        for (int step = 1; step <= steps; step++) {
            lines.add(JsonParser.parseString(
                    "{\"step\":%d,\"epoch\":0.1,\"loss\":%s,\"gradient_norm\":2,\"learning_rate\":0.001,\"hidden\":%s}"
                    .formatted(step, 3.0 / step, 1.0 / step)).getAsJsonObject());
        }
        lines.add(JsonParser.parseString("{\"step\":%d,\"dev\":{\"accuracy\":0.9,\"f1\":0.8}}".formatted(steps)).getAsJsonObject());
        return lines;
    }

    @Test
    void everyMetricIsALineInsideItsChart() throws Exception {
        Matcher drawings = DRAWING.matcher(page(metrics(100)));
        List<Integer> lines = new ArrayList<>();
        while (drawings.find()) {
            Element svg = DocumentBuilderFactory.newInstance().newDocumentBuilder()
                    .parse(new InputSource(new StringReader(drawings.group()))).getDocumentElement();
            String[] box = svg.getAttribute("viewBox").split(" ");
            lines.add(svg.getElementsByTagName("polyline").getLength());
            for (int i = 0; i < svg.getElementsByTagName("polyline").getLength(); i++) {
                for (String point : ((Element) svg.getElementsByTagName("polyline").item(i)).getAttribute("points").split(" ")) {
                    double x = Double.parseDouble(point.split(",")[0]);
                    double y = Double.parseDouble(point.split(",")[1]);
                    assertTrue(x >= 0 && x <= Double.parseDouble(box[2]) && y >= 0 && y <= Double.parseDouble(box[3]), point);
                }
            }
        }
        assertEquals(List.of(2, 2, 1, 1), lines, "scores, loss and its part, gradient, learning rate");
    }

    @Test
    void aLongTrainingMakesNoLongPage() throws Exception {
        assertTrue(page(metrics(50_000)).length() < 100_000);
    }

    @Test
    void namesAndSettingsAreText() throws Exception {
        String page = page(metrics(1));
        assertTrue(page.contains("<h1>mine &amp; &lt;yours></h1>") && page.contains("<li>student of a&lt;b</li>"), page);
    }
}
