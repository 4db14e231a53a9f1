package io.leanspike.eval;

/**
 * What the model said of one example.
 *
 * @param line line of the example in its file
 * @param gold the label's logit index, or the score of a regression task
 * @param predicted the winning logit's index, or the value of a regression task
 */
public record Prediction(int line, double gold, double predicted, double[] logits) {}
