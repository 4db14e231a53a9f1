package io.leanspike.train.data;

import io.leanspike.text.Encoding;

/** Texts, and others behind them. */
public record JoinedTexts(Texts first, Texts second) implements Texts {

    @Override
    public int count() {
        return Math.addExact(first.count(), second.count());
    }

    @Override
    public int length(int index) {
        return index < first.count() ? first.length(index) : second.length(index - first.count());
    }

    @Override
    public Encoding encoding(int index) {
        return index < first.count() ? first.encoding(index) : second.encoding(index - first.count());
    }
}
