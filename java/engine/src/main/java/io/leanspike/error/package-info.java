/** What a user's mistake is told with; the ground that every other package stands on. */
package io.leanspike.error;
