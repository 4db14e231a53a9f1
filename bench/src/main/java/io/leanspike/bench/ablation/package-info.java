/** What each part of compression does alone: criteria of pruning, rules of reading other timesteps, corrections of quantization. */
package io.leanspike.bench.ablation;
