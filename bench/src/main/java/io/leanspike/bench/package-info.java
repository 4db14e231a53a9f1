/** Benchmarks: single operations and whole evaluations under JMH, and interleaved side-by-side runs against an sgemm roof. */
package io.leanspike.bench;
