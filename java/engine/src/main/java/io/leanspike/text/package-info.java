/** From text to token batches and back: the tokenizer, batching by length, and the GLUE tasks with their files. */
package io.leanspike.text;
