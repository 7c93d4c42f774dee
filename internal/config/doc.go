// Package config turns flags, BRIDGE_* environment variables and bridge.yaml, in this order of strength, into one [Config].
//
// Know three names: [Load], [Config], and [KeyError], which each mistake is; Load returns all of them at once.
//
// viper reads the file and ranks the sources. The decoding is our own, one key at a time: viper's Unmarshal takes
// `timeout: 30` for 30 ns, 1.5 workers for 1 and "memory" for false, ignores environment variables of keys that have no
// default, and words its errors in terms of Go. docs/configuration.md explains each key; a test keeps it complete.
//
// It does not connect to anything, and looks at the file system only for scripts (see Load).
package config
