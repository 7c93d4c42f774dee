// Package permit is what decides whether a client gets in and as whom: an [Identity] from a ticket or from a script's answer to the
// handshake ([Decode]), a [Refusal] of the script's, and the pages that may connect ([Origin]).
//
// It asks nobody and changes no connection: package bridge does.
package permit
