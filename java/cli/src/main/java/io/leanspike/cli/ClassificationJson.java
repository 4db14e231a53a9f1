package io.leanspike.cli;

import com.google.gson.stream.JsonWriter;
import io.leanspike.Classification;
import java.io.IOException;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.util.List;

/** An answer as one line of JSON; java/cli/README.md describes the fields. */
final class ClassificationJson {
    private ClassificationJson() {}

    static String line(Classification answer, List<String> labels) {
        StringWriter text = new StringWriter();
        try (JsonWriter json = new JsonWriter(text)) {
            json.beginObject().name("label").value(answer.label()).name("probabilities").beginObject();
            for (int i = 0; i < answer.probabilities().length; i++) {
                json.name(labels.get(i)).value(answer.probabilities()[i]);
            }
            json.endObject().name("logits").beginArray();
            for (double logit : answer.logits()) {
                json.value(logit);
            }
            json.endArray().name("truncated").value(answer.truncated()).endObject();
        } catch (IOException e) {
            throw new UncheckedIOException("a string cannot fail to be written", e);
        }
        return text + "\n";
    }
}
