package io.leanspike.train.nn;

import ai.djl.ndarray.NDArray;
import java.util.List;

/**
 * What a forward pass leaves for losses.
 *
 * @param hidden [B, L, hidden] of the embedding and of each layer's output
 * @param scores [B, heads, L, L] of each layer, before mask and softmax
 * @param rates [B, L, width] of each population; empty for a network without neurons
 */
public record Activations(List<NDArray> hidden, List<NDArray> scores, List<NDArray> rates) {}
