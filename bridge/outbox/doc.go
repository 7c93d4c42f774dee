// Package outbox is the way out to one WebSocket client: frames are encoded and written in order, bounded in bytes, and
// nobody who sends ever waits for a client that does not read.
//
// Three names to know: [Outbox] queues and writes, its [Result] says what became of a frame, and [AppendHeader] encodes one
// (with AppendClose and AppendDeflated beside it).
//
// Whoever sends writes at once. Only while the socket takes no more does a goroutine live, the flusher, which a client that
// stalls ends. So an idle connection costs neither buffer nor goroutine here.
//
// It does not close the connection, does not know sessions, fds or PHP, and does not check that frames make sense: a
// Swoole script may send any.
package outbox
