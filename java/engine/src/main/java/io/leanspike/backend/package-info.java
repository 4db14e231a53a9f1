/** The vocabulary of operations and what every backend implements. Backends compute and never decide. */
package io.leanspike.backend;
