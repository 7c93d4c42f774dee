// Package testlog has [Buffer]: a log, or what a process says, that a test reads while it is written. For tests only.
package testlog

import (
	"bytes"
	"sync"
)

// Buffer is safe for writers and readers at the same time. The zero value is empty.
type Buffer struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (b *Buffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.b.Write(p)
}

// String is what has been written so far.
func (b *Buffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.b.String()
}
