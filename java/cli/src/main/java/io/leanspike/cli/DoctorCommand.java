package io.leanspike.cli;

import java.util.concurrent.Callable;
import picocli.CommandLine.Command;

@Command(
        name = "doctor",
        mixinStandardHelpOptions = true,
        versionProvider = Version.class,
        description = {
            "Says what of this machine leanspike can use, why not the rest, and what to do about it.",
            "Exits with 0 when models can be run, else with 1."
        })
final class DoctorCommand implements Callable<Integer> {
    private final Streams streams;

    DoctorCommand(Streams streams) {
        this.streams = streams;
    }

    @Override
    public Integer call() {
        TextOutput out = new TextOutput(streams.out());
        boolean sound = true;
        for (Diagnosis.Check check : Diagnosis.CHECKS) {
            Diagnosis diagnosis = check.run();
            sound &= diagnosis.verdict() != Diagnosis.Verdict.FAILS;
            out.print("%-8s %-16s %s%n".formatted(diagnosis.verdict(), diagnosis.subject(), diagnosis.finding()));
            diagnosis.advice().ifPresent(advice -> out.print("%-25s -> %s%n".formatted("", advice)));
            out.flush();
        }
        out.print(sound ? "\nModels can be run here.\n" : "\nModels cannot be run here: see the lines that fail.\n");
        out.flush();
        return sound ? Failures.FINE : Failures.OURS;
    }
}
