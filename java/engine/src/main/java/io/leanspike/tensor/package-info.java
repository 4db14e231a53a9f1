/** Off-heap values: bit-packed spikes and stored weight matrices. */
package io.leanspike.tensor;
