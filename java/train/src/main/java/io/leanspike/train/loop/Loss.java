package io.leanspike.train.loop;

import ai.djl.ndarray.NDArray;
import java.util.Map;

/**
 * What is minimised in a step.
 *
 * @param total scalar
 * @param parts scalars that it was added up from, unweighted, by name
 */
public record Loss(NDArray total, Map<String, NDArray> parts) {}
