package io.leanspike;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.leanspike.error.InvalidInputException;
import io.leanspike.model.TinyCheckpoint;
import io.leanspike.text.TextInput;
import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Opening, sharing and closing a model. */
class ModelLifetimeTest {
    private static final List<String> TEXTS = List.of("a good film", "a bad film", "good good good", "bad", "the film is good");

    @TempDir
    Path folder;

    private Path model;

    @BeforeEach
    void writeAModel() {
        model = folder.resolve("model");
        TinyCheckpoint.write(model, 7);
    }

    private SpikingModel open(String backend) {
        return SpikingModel.open(model, ModelOptions.DEFAULTS.withBackend(backend).withThreads(2));
    }

    @Test
    void loadingAndClosingManyTimesLeavesNoMemoryBehind() throws IOException {
        Path status = Path.of("/proc/self/status");
        assumeTrue(Files.isReadable(status), "skipped: resident memory is read from /proc, which this system lacks");
        // The first rounds load classes, compile code and fill allocator pools.
        openClassifyClose(50);
        long least = Long.MAX_VALUE;
        for (int round = 0; round < 3; round++) {
            long before = residentKilobytes(status);
            openClassifyClose(100);
            least = Math.min(least, residentKilobytes(status) - before);
        }
        // A leak is 100 times a model's packed weights and worker stacks in every round; the heap, which other tests share, breathes in some.
        assertTrue(least < 4 * 1024, "resident memory grew by " + least + " KiB or more in each of three rounds of 100 models");
    }

    @Test
    void aModelThatCannotBeScheduledLeavesNoThreadBehind() {
        File threads = new File("/proc/self/task");
        assumeTrue(threads.isDirectory(), "skipped: threads are counted in /proc, which this system lacks");
        ModelOptions misfit = ModelOptions.DEFAULTS.withThreads(8).withTimesteps(1, 1, 1, 1, 1, 1, 1, 1, 1);
        assertThrows(InvalidInputException.class, () -> SpikingModel.open(model, misfit));
        int before = threads.list().length;
        for (int i = 0; i < 20; i++) {
            assertThrows(InvalidInputException.class, () -> SpikingModel.open(model, misfit));
        }
        // Each leaves eight behind, or none; the virtual machine itself may start a few meanwhile.
        int more = threads.list().length - before;
        assertTrue(more < 20, more + " threads more than before");
    }

    private void openClassifyClose(int times) {
        for (int i = 0; i < times; i++) {
            try (SpikingModel opened = open("auto")) {
                opened.classify(TEXTS.get(i % TEXTS.size()));
            }
        }
        System.gc();
    }

    private static long residentKilobytes(Path status) throws IOException {
        return Files.readAllLines(status).stream()
                .filter(line -> line.startsWith("VmRSS:"))
                .mapToLong(line -> Long.parseLong(line.replaceAll("\\D", "")))
                .findFirst().orElseThrow();
    }

    @ParameterizedTest
    @ValueSource(strings = {"auto", "reference"})
    void useAfterCloseIsAnException(String backend) {
        SpikingModel opened = open(backend);
        opened.classify("good");
        opened.close();
        assertThrows(IllegalStateException.class, () -> opened.classify("good"));
        opened.close();
    }

    @Test
    void eightThreadsGetTheResultsOfOne() throws InterruptedException, ExecutionException {
        List<TextInput> inputs = TEXTS.stream().map(text -> new TextInput(text, Optional.empty())).toList();
        try (SpikingModel shared = open("auto"); ExecutorService threads = Executors.newFixedThreadPool(8)) {
            List<Classification> alone = shared.classify(inputs);
            List<Future<List<Classification>>> answers = new ArrayList<>();
            for (int i = 0; i < 8 * 25; i++) {
                answers.add(threads.submit(() -> shared.classify(inputs)));
            }
            for (Future<List<Classification>> answer : answers) {
                for (int i = 0; i < inputs.size(); i++) {
                    assertArrayEquals(alone.get(i).logits(), answer.get().get(i).logits());
                }
            }
        }
    }

    @Test
    void closingWaitsForCallsUnderWay() throws InterruptedException {
        SpikingModel shared = open("auto");
        List<Throwable> unexpected = java.util.Collections.synchronizedList(new ArrayList<>());
        List<Thread> users = new ArrayList<>();
        for (int i = 0; i < 4; i++) {
            users.add(Thread.ofPlatform().start(() -> {
                try {
                    while (true) {
                        shared.classify("a good film");
                    }
                } catch (IllegalStateException closed) {
                    // What a use after close must be.
                } catch (RuntimeException | Error e) {
                    unexpected.add(e);
                }
            }));
        }
        Thread.sleep(50);
        shared.close();
        for (Thread user : users) {
            user.join();
        }
        assertEquals(List.of(), unexpected);
    }
}
