/** The command line: one class a command, the options they share, and the forms their results are written in. */
package io.leanspike.cli;
