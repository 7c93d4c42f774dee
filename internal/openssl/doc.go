// Package openssl reads what OpenSSL's options say for crypto/tls: its names of cipher suites and of curves. It stands on the standard library alone.
package openssl
