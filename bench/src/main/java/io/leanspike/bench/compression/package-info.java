/** Variants of one model beside its dense teacher: what each is right on, and what it costs. */
package io.leanspike.bench.compression;
