// Package shm is the memory that PHP runs share: what Swoole's Table, Atomic, Atomic\Long and Lock are made of when
// each event is a PHP run of its own (docs/protocol.md section 10 has the operations, byte by byte).
//
// [Memory] holds all objects. [Memory.Do] carries out one operation and never blocks; an operation that has to wait (for
// a lock, for a wakeup) says so, and is then carried out by [Memory.Wait]. [Memory.Leave] takes a client's locks away.
//
// It knows no sockets and no PHP: a [Query] comes in, a [Reply] goes out. All methods may be called from many goroutines.
package shm
