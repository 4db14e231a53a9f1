package io.leanspike.compress;

/** What the units of one layer do on calibration text. */
public record LayerActivity(UnitRates keys, UnitRates values, UnitRates neurons) {}
