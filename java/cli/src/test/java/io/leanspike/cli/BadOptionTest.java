package io.leanspike.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** An option that means nothing is refused in one line that names it. */
class BadOptionTest {
    @TempDir
    Path folder;

    @ParameterizedTest(name = "eval {0}")
    @CsvSource(delimiter = '|', value = {
        "--timesteps 0                     | timesteps: 0 is not from 1",
        "--timesteps -3                    | timesteps: -3 is not from 1",
        "--timesteps 1.5                   | '1.5' is not a whole number",
        "--timesteps many                  | 'many' is not a whole number",
        "--timesteps 4,                    | '' is not a whole number",
        "--timesteps 4,4,4                 | 3 layers are given, but the model has 4",
        "--timesteps 99999999999           | is not a whole number",
        "--initial-potential 1             | initial potential: 1.0",
        "--initial-potential NaN           | initial potential: NaN",
        "--initial-potential half          | '--initial-potential'",
        "--mode dreaming                   | --mode: there is no 'dreaming'",
        "--mode equilibrium --timesteps 4  | mean nothing with --mode equilibrium",
        "--backend gpu                     | --backend: there is no 'gpu'",
        "--backend cuda --device none     | device 'none' is neither soft nor numbers of GPUs",
        "--device soft                     | is for backend cuda",
        "--backend cpu --device 0          | is for backend cuda",
        "--batch 0                         | --batch must be at least 1, not 0",
        "--threads 1025                    | --threads must be at most 1024, not 1025",
        "--threads -1                      | --threads must be at least 1, not -1",
        "--limit 0                         | --limit must be at least 1, not 0",
        "--limit x                         | '--limit'",
        "--early-exit -0.5                 | --early-exit: a margin is at least 0, not -0.5",
        "--early-exit x                    | '--early-exit'",
        "--early-exit 0.5 --exit-timesteps 4,2 | timesteps of early exits rise from 1",
        "--early-exit 0.5 --exit-timesteps 0   | timesteps: 0 is not from 1",
        "--exit-timesteps 2                | --exit-timesteps needs --early-exit",
        "--early-exit 0.5 --mode equilibrium   | there are no timesteps to save",
        "--task SST-3                      | unknown GLUE task 'SST-3'",
        "--task MRPC                       | --task MRPC needs --data",
        "--split train                     | --split needs --data",
        "--data somewhere                  | --data needs --task",
        "--json=                           | '--json': the path is empty",
        "--model=                          | '--model': the path is empty",
        "--json /                          | / cannot be written: it is a folder",
        "--json no-such-folder/r.json      | no-such-folder/r.json cannot be written: its folder does not exist",
        "--predictions no-such-folder/p    | no-such-folder/p cannot be written: its folder does not exist",
        "--json same --predictions same    | --json and --predictions name the same file",
        "--jsom f                          | did you mean --json",
        "stray                             | stray"
    })
    void refused(String options, String message) {
        Invocation run = Invocation.of((Object[]) ("eval " + options).split(" ")).refused(message);
        assertEquals("", run.out());
    }

    @Test
    void unknownCommandAndNoCommand() {
        Invocation.of("evaluate").refused("evaluate", "leanspike --help");
        Invocation.of().refused("a command is needed");
        Invocation.of("compress").refused("a command is needed", "leanspike compress --help");
    }

    @Test
    void unwritableResultsAreFoundBeforeTheRun() throws IOException {
        Path nowhere = folder.resolve("nowhere");
        Invocation.of("eval", "--model", nowhere, "--json", nowhere.resolve("r.json")).refused("r.json cannot be written");
        Invocation.of("forward", "--model", nowhere, "--inputs", nowhere, "--out", folder).refused("cannot be written: it is a folder");
        assertEquals(0, Files.list(folder).count());
    }
}
