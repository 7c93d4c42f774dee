// Package cliphp runs php on the command line, for routes with `launcher: cli`.
//
// Know three names: [Find] looks at a php binary, [Launcher.Start] starts a [Process] of a script, whose Done and Exit say how
// it ended, exactly. What it prints goes to the log line by line, or is passed on as it is.
//
// Two facts shape the code:
//   - Each process leads a process group of its own, so that Ctrl-C reaches only the bridge, and what a script started ends with it.
//   - On Linux the kernel kills a process when the thread that started it ends (Pdeathsig). So one goroutine, which keeps its thread
//     for as long as the Launcher lives, starts them all; when the bridge is killed, they are, too.
//
// It knows nothing of events: what a process is for is said in its environment, by who starts it.
package cliphp
