package io.leanspike.text;

/**
 * One row of a GLUE file.
 *
 * @param line line of the file, from 1
 * @param gold the true answer: the index of the label in {@link GlueTask#labels}, or the score for regression
 */
public record GlueExample(int line, TextInput input, double gold) {}
