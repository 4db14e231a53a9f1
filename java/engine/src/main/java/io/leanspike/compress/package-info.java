/** Compression: checkpoints made smaller. */
package io.leanspike.compress;
