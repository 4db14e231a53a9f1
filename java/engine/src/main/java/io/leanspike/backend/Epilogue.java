package io.leanspike.backend;

/** What follows a matrix product, inside the same kernel. */
public enum Epilogue {
    /** product + bias, real-valued. */
    REAL,
    /** neuron(product + bias). */
    MEMBRANE,
    /** neuron(LayerNorm(product + bias + residual)). */
    NORM_MEMBRANE,
    /** neuron(GELU(product + bias)), GELU by the error function. */
    GELU_MEMBRANE
}
