// Package workers is the resident workers of a script: PHP processes that stay, and take the events of many connections from a
// channel each.
//
// A [Pool] has one worker for each place 0 … n-1. It starts their processes, feeds them within a window, decides which of them gets an
// event (Swoole's dispatch_mode), notices those that died or hang, and puts others in their places. It knows nothing of connections: an
// ordered queue of events is a [Box], and what PHP asks for goes to a [Carrier].
//
// Lock order: a worker's mu, then what a Box locks.
package workers
