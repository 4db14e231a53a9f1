package io.leanspike.compress.search;

/** An evaluated candidate. */
public record Point(Candidate candidate, Outcome outcome) {}
