package io.leanspike.cli;

import io.leanspike.Classification;
import io.leanspike.ModelOptions;
import io.leanspike.SpikingModel;
import io.leanspike.error.InvalidInputException;
import io.leanspike.text.TextInput;
import io.leanspike.text.Utf8Lines;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

@Command(
        name = "classify",
        mixinStandardHelpOptions = true,
        versionProvider = Version.class,
        sortOptions = false,
        abbreviateSynopsis = true,
        description = {
            "Classifies texts: one JSON line each, with label, probabilities and logits.",
            "Without TEXT it reads standard input, one text a line; the two texts of a pair are separated by a tab.", ""
        })
final class ClassifyCommand implements Callable<Integer> {
    private final Streams streams;

    @Mixin
    private ModelFolder folder;

    @Mixin
    private RunOptions run;

    @Parameters(paramLabel = "TEXT", arity = "0..*", description = "Texts to classify.")
    private List<String> texts = List.of();

    ClassifyCommand(Streams streams) {
        this.streams = streams;
    }

    @Override
    public Integer call() {
        ModelOptions options = run.modelOptions();
        List<TextInput> given = new ArrayList<>();
        for (int i = 0; i < texts.size(); i++) {
            given.add(argument(i + 1, texts.get(i)));
        }
        try (BundledFiles bundled = new BundledFiles(); SpikingModel model = SpikingModel.open(folder.path(bundled), options)) {
            model.backend().note().ifPresent(note -> streams.err().println("leanspike: " + note));
            TextOutput out = new TextOutput(streams.out());
            if (given.isEmpty()) {
                answerLines(model, out);
            } else {
                answer(model, given, out);
            }
        }
        return Failures.FINE;
    }

    /** Batches are full while the writer is fast; otherwise whatever has come is answered, so that a person never waits. */
    private void answerLines(SpikingModel model, TextOutput out) {
        if (streams.isTerminal(Streams.STANDARD_INPUT)) {
            streams.err().println("leanspike: one text a line; Ctrl-D ends");
        }
        Utf8Lines lines = new Utf8Lines(streams.in(), "standard input");
        List<TextInput> waiting = new ArrayList<>();
        try {
            while (lines.advance()) {
                waiting.add(input("standard input:" + lines.number(), lines.line()));
                if (waiting.size() == model.options().batchSize() || !lines.isReady()) {
                    answer(model, waiting, out);
                    waiting.clear();
                }
            }
        } catch (InvalidInputException badLine) {
            // The lines before it are good and get their answers.
            answer(model, waiting, out);
            throw badLine;
        }
        answer(model, waiting, out);
    }

    private static void answer(SpikingModel model, List<TextInput> inputs, TextOutput out) {
        if (!inputs.isEmpty()) {
            for (Classification answer : model.classify(inputs)) {
                out.print(ClassificationJson.line(answer, model.config().labels()));
            }
            out.flush();
        }
    }

    private static TextInput argument(int number, String text) {
        if (text.indexOf('\uFFFD') >= 0) {
            throw new InvalidInputException("text %d holds characters that this locale cannot pass on: ".formatted(number)
                    + "use a UTF-8 locale (LC_ALL=C.UTF-8), or standard input");
        }
        return input("text " + number, text);
    }

    private static TextInput input(String where, String text) {
        String[] parts = text.split("\t", -1);
        if (parts.length > 2) {
            throw new InvalidInputException("%s: %d texts separated by tabs, but at most two make a pair".formatted(where, parts.length));
        }
        for (String part : parts) {
            if (part.isBlank()) {
                throw new InvalidInputException(where + (parts.length == 1 ? ": the text is empty" : ": one text of the pair is empty"));
            }
        }
        return parts.length == 1 ? TextInput.of(text) : TextInput.of(parts[0], parts[1]);
    }
}
