// Package cli is the command line: serve, check and version, their flags and their help.
//
// Know two names: [Run], which main calls, and [Handlers], the work behind the commands, which main hands over. This
// package turns arguments into a checked config.Config and errors into one message and an exit code; it starts nothing.
package cli
