/** The one exception type that stands for a user's mistake; every other package may throw it. */
package io.leanspike.error;
