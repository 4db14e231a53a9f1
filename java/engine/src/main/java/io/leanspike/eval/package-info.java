/** Running a model over examples: sessions, the GLUE evaluation, its metrics and the account of what it cost. */
package io.leanspike.eval;
