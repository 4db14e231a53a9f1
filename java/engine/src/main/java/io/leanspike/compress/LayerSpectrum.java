package io.leanspike.compress;

/** How the accumulated membrane potentials of one layer's units spread over principal components. */
public record LayerSpectrum(Spectrum keys, Spectrum values, Spectrum neurons) {}
