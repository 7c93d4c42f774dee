// Package ticket checks signed tickets (JSON Web Tokens, RFC 7519) that clients show at their handshake, so that PHP need not be asked.
//
// [New] makes a [Checker] of [Options]; [Checker.Check] finds the ticket in a request and says whose it is. The algorithms are a list of
// ours, and each key is good for one of them: what a ticket says of itself never chooses how it is checked. It opens no connection, and
// reads no file that a ticket names.
package ticket
