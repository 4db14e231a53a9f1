package io.leanspike.cli;

import io.leanspike.compress.search.CandidateModels;
import io.leanspike.compress.search.CompressionSearch;
import io.leanspike.compress.search.Outcome;
import io.leanspike.compress.search.Point;
import io.leanspike.compress.search.TaskExamples;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Stream;

/**
 * A search that has ended, as reports need it.
 *
 * @param model folder as it was named
 * @param calibration name of the examples that the search saw
 * @param report name of the examples that the front is reported on; the same where there are no others
 * @param reported outcomes of the front's candidates and the uncompressed model on {@code report}
 */
record SearchRun(String model, CandidateModels models, CompressionSearch search, List<String> parts, String criterion,
        TaskExamples examples, String calibration, String report, CompressionSearch.Result result, Function<Point, Outcome> reported) {

    /** The uncompressed model, then the front. */
    List<Point> points() {
        return Stream.concat(Stream.of(result.uncompressed()), result.front().stream()).toList();
    }

    String metric() {
        return result.uncompressed().outcome().metrics().keySet().iterator().next();
    }

    double floor() {
        return result.uncompressed().outcome().metric() - search.budget();
    }

    Optional<Point> greedy() {
        return result.greedy();
    }
}
