/** Operation counting and energy: every formula stands here with its source. */
package io.leanspike.account;
