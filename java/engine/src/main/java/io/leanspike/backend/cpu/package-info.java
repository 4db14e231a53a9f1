/** The native CPU backend: kernels of native/cpu called through jextract's bindings. */
package io.leanspike.backend.cpu;
