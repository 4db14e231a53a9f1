package io.leanspike.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The page of a search, as a person meets it. */
@Timeout(value = 180, unit = TimeUnit.SECONDS)
class SearchPageTest {
    private static final int ARROW_RIGHT = 39;
    private static final int ARROW_LEFT = 37;

    @TempDir
    static Path folder;

    private static Path out;
    private static int points;

    @TempDir
    Path profile;

    @BeforeAll
    static void search() {
        out = folder.resolve("search");
        SmallSearch.in(folder).run(out, "--cost", "sops,bytes").fine();
        points = SmallSearch.points(out).length;
        assertTrue(points > 2, "a front to look at");
    }

    private HeadlessBrowser open(int width, int height) throws Exception {
        return HeadlessBrowser.open(out.resolve("search.html"), profile, width, height);
    }

    @Test
    void thePageShowsEveryPointAndAsksForNothingElse() throws Exception {
        try (HeadlessBrowser browser = open(1280, 900)) {
            assertEquals(String.valueOf(points), browser.value("document.querySelectorAll('#plot .front').length"));
            assertEquals(String.valueOf(points), browser.value("document.querySelectorAll('#rows tr').length"));
            assertEquals("Point %d of %d".formatted(points, points), browser.value("document.getElementById('point-title').textContent"));
            assertEquals(List.of(out.resolve("search.html").toUri().toString()), browser.events());
        }
    }

    @Test
    void aClickShowsTheLayersOfThatPoint() throws Exception {
        JsonObject first = new SearchFolder(out).readResult().getAsJsonArray("points").get(0).getAsJsonObject();
        JsonObject layer = first.getAsJsonArray("layers").get(1).getAsJsonObject();
        try (HeadlessBrowser browser = open(1280, 900)) {
            browser.click("#rows tr[data-point='1']");
            assertEquals("Point 1 of " + points, browser.value("document.getElementById('point-title').textContent"));
            String shown = browser.value("document.querySelectorAll('#layers .layer')[1].innerText");
            assertTrue(shown.contains("Layer 1: T = " + layer.get("timesteps")), shown);
            assertTrue(shown.contains("%s of 512".formatted(layer.get("neurons"))), shown);
            assertTrue(shown.contains("%s of 2".formatted(layer.get("heads"))), shown);
            browser.click("#plot g[data-point='2']");
            assertEquals("Point 2 of " + points, browser.value("document.getElementById('point-title').textContent"));
            assertTrue(browser.value("document.getElementById('tip').textContent").startsWith("Point 2"));
            assertTrue(browser.value("document.getElementById('command').textContent").contains("--point 2 --out DIR"));
        }
    }

    @Test
    void keysAloneMoveFromPointToPoint() throws Exception {
        try (HeadlessBrowser browser = open(1280, 900)) {
            browser.value("document.querySelector(\"#plot [tabindex='0']\").focus()");
            browser.press("ArrowLeft", ARROW_LEFT);
            browser.press("ArrowLeft", ARROW_LEFT);
            assertEquals("Point %d of %d".formatted(points - 2, points),
                    browser.value("document.getElementById('point-title').textContent"));
            browser.press("ArrowRight", ARROW_RIGHT);
            assertEquals("Point %d of %d".formatted(points - 1, points),
                    browser.value("document.getElementById('point-title').textContent"));
            assertEquals(String.valueOf(points - 1), browser.value("document.activeElement.dataset.point"));
        }
    }

    @Test
    void everyAxisCanBeChosenAndIsLabelled() throws Exception {
        try (HeadlessBrowser browser = open(1280, 900)) {
            String before = browser.value("document.querySelector('#plot svg').innerHTML");
            browser.value("(s => { s.value = 'bytes'; s.dispatchEvent(new Event('change')); })(document.getElementById('cost'))");
            String after = browser.value("document.querySelector('#plot svg').innerHTML");
            assertNotEquals(before, after);
            assertTrue(after.contains("bytes of the model (logarithmic)"), after);
            assertTrue(after.contains("accuracy × 100, calibration"), after);
        }
    }

    @Test
    void aSmallWindowIsNotScrolledSideways() throws Exception {
        try (HeadlessBrowser browser = open(500, 800)) {
            assertEquals("true", browser.value("document.documentElement.scrollWidth <= innerWidth"));
        }
    }

    @Test
    void aNameCannotBecomePartOfThePage() throws Exception {
        JsonObject search = JsonParser.parseString(Files.readString(out.resolve("search.json"))).getAsJsonObject();
        search.addProperty("model", "</script><script>document.title='taken'</script>");
        String html = SearchPage.html(search, out);
        assertFalse(html.contains("<script>document.title="));
        Path page = folder.resolve("hostile.html");
        Files.writeString(page, html);
        try (HeadlessBrowser browser = HeadlessBrowser.open(page, profile, 900, 700)) {
            assertTrue(browser.value("document.title").startsWith("Compression search: </script>"));
        }
    }
}
