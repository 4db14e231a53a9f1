/**
 * {@code leanspike bench peers}: whole forward passes beside what a user would run instead, by turns in one run, and the page made
 * from its committed history.
 */
package io.leanspike.bench.peers;
