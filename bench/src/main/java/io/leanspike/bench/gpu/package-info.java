/** What can be said of the CUDA kernels: counted on the software GPU, predicted from the counts, and measured on a GPU. */
package io.leanspike.bench.gpu;
