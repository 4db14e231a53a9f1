/** Which kernels run, in which order and with which tiles: decided here, executed by a backend. */
package io.leanspike.schedule;
