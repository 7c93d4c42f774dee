// Package bridge is the side of the clients: it holds their connections (WebSocket, HTTP, TCP), turns what happens on them
// into events for PHP, in order, and carries out what PHP answers.
//
// Three names to know: [New] makes a [Bridge] from [Options], whose routes bind paths to scripts; [Bridge.Run] serves
// listeners until its context ends.
//
// The way of a message: admit (handshake, limits) starts a session; its reader goroutine puts messages into the
// session's inbox and stops reading when that is full; the dispatcher's workers take sessions whose inbox has something, one
// event at a time per connection, and call the route's script; the router carries the answer's instructions out through the
// outboxes of their targets. The sweeper pings, finds dead peers and ends what waited too long.
//
// Goroutines: one reader per connection, one per dispatcher worker, one sweeper; a flusher per connection only while its
// client does not take what was sent. Locks: the dispatcher's mu may be held when a session's mu is taken, never the
// other way round; none is held across I/O or a call into PHP.
//
// It does not know FastCGI, encodings, configuration or files: those are callback, fcgi and internal/*.
package bridge
