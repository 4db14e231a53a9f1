/**
 * The joint search over heads, neurons, timesteps, bits and thresholds: {@link io.leanspike.compress.search.CompressionSearch} asks for
 * candidates to be evaluated, keeps what it learns in an {@link io.leanspike.compress.search.EvaluationJournal}, and ends with the points
 * that no other beats. Its selection is NSGA-II from the library Jenetics, which {@code GeneticSearch} alone knows.
 */
package io.leanspike.compress.search;
