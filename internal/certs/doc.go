// Package certs makes a [tls.Config] of certificates' files, which are read again when they change. Where they are, and what else is wanted, a script's ssl_*
// settings or the configuration say ([Files]). It stands on the standard library alone.
package certs
