/** Plain Java in float64: the oracle that every other backend is compared with, and the backend that is always there. */
package io.leanspike.backend.reference;
