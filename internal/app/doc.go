// Package app wires a configuration into a running bridge: php-fpm, FastCGI client, scripts, callback socket, listeners.
// It is the one place below internal/ that knows all parts; they do not know each other through it.
//
// Three names to know: [App], [App.Serve] and [App.Check].
package app
