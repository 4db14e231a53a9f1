/** Gradual structured pruning while a student trains: when, which units, and the masks that stand for what is gone. */
package io.leanspike.train.prune;
