// Package rawio reads and writes descriptors that do not block, past Go's scheduler.
//
// Three names to know: [Read], [Write] and [Peek]. They are for functions that the runtime's poller calls
// (syscall.RawConn's Read, Write and Control), which hold the descriptor open meanwhile. None retries on EINTR nor waits on EAGAIN: that is the
// caller's.
//
// A socket that does not block needs no help of the scheduler around its system calls. Telling it all the same, as
// syscall.Read does, lets the runtime's monitor thread take the processor away from a write that takes 20 us, which on
// loopback they do: that thread then never sleeps, and costs an eighth of a busy bridge's CPU time (measured with perf,
// 2 cores). Only Linux lets us leave the scheduler out; elsewhere, and under the race
// detector, which learns from them who waited for whom, these are the calls of package syscall.
//
// It does not know connections, deadlines or buffers, and imports the standard library only, so that fcgi may use it.
package rawio
