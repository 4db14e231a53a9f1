/**
 * LeanSpike's public API: open a spiking language model, classify text, evaluate a GLUE task, look at spikes.
 * Start at {@link io.leanspike.SpikingModel}.
 */
package io.leanspike;
