// Package arch holds the test of who may import whom, and of sizes. It has no code of its own; docs/architecture.md has
// the reasons.
package arch
