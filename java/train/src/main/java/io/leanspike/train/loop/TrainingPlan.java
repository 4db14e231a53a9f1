package io.leanspike.train.loop;

import io.leanspike.train.nn.AdamW;

/**
 * How a training runs.
 *
 * @param batchSize sequences a step
 * @param mostTokens padded tokens a step
 * @param warmup share of the steps over which the learning rate rises
 * @param averaging share of the weights' moving average that a step keeps; 0 = no average
 * @param evaluations times that dev is scored in an epoch
 * @param patience evaluations without a better score after which training stops; 0 = never
 * @param checkpointSeconds longest time between two saved states
 */
public record TrainingPlan(
        int epochs, int batchSize, int mostTokens, double learningRate, double warmup, AdamW optimizer, double averaging, int evaluations,
        int patience, double checkpointSeconds, long seed) {}
