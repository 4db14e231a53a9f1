/**
 * Models as values and as files: the configuration, the weights, and the checkpoint folder that holds them (config.json,
 * model.safetensors), read and written.
 */
package io.leanspike.model;
