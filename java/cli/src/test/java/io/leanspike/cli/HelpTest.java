package io.leanspike.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class HelpTest {
    @ParameterizedTest
    @ValueSource(strings = {"eval", "classify", "forward", "doctor", "compress", "compress quantize", "compress search", "compress apply"})
    void everyCommandHasHelp(String command) {
        Invocation run = Invocation.of((Object[]) (command + " --help").split(" ")).fine();
        assertTrue(run.out().startsWith("Usage: leanspike " + command), run.out());
        assertEquals("", run.err());
    }

    @Test
    void helpCommandAndOptionSayTheSame() {
        assertEquals(Invocation.of("eval", "--help").fine().out(), Invocation.of("help", "eval").fine().out());
        assertEquals(Invocation.of("--help").fine().out(), Invocation.of("help").fine().out());
    }

    @Test
    void versionNamesUsAndJava() {
        assertTrue(Invocation.of("--version").fine().out().matches("leanspike \\S+, Java \\S+\n"));
    }
}
