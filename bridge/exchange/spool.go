package exchange

import (
	"fmt"
	"os"
	"sync"
)

// Spool bounds what waits on disk for slow clients: of one response, and of all. Where all have too much, the response that has most is
// given up, so that no client takes another one's room.
type Spool struct {
	// set by NewSpool
	each, all int64

	mu    sync.Mutex
	total int64
	held  map[*Exchange]int64 // bytes of its files
}

// NewSpool makes a spool. each and all are bytes; 0: nothing waits on disk.
func NewSpool(each, all int64) *Spool {
	return &Spool{each: min(each, all), all: all, held: make(map[*Exchange]int64)}
}

// grow lets x have n bytes more on disk. It may cost another response its own, which is returned.
func (s *Spool) grow(x *Exchange, n int64) (victim *Exchange, ok bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.total+n > s.all {
		for other, held := range s.held {
			if victim == nil || held > s.held[victim] {
				victim = other
			}
		}
		if victim == nil || victim == x || s.held[victim] < s.held[x]+n {
			return nil, false
		}
		s.total -= s.held[victim]
		delete(s.held, victim)
		if s.total+n > s.all {
			return victim, false
		}
	}
	s.total += n
	s.held[x] += n
	return victim, true
}

// shrink takes back what x has over n bytes.
func (s *Spool) shrink(x *Exchange, n int64) {
	s.mu.Lock()
	defer s.mu.Unlock()
	held, ok := s.held[x]
	if !ok || held <= n {
		return // it was given up
	}
	s.total -= held - n
	if s.held[x] = n; n == 0 {
		delete(s.held, x)
	}
}

// Bytes returns how much is on disk, in bytes.
func (s *Spool) Bytes() int64 {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.total
}

// chunkBytes is when a response's bytes go on in another file: those of one that was read are given back.
const chunkBytes = 4 << 20

// chunk is a file without a name.
type chunk struct {
	file        *os.File
	wrote, read int64
}

// backlog is what waits of one response on disk: bytes, read in the order in which they were written. Its exchange's lock guards it, except
// that files are written and read without: by one goroutine each.
type backlog struct {
	chunks []*chunk
	bytes  int64 // of the files
}

// last returns the chunk that is written to.
func (b *backlog) last() *chunk {
	if n := len(b.chunks); n > 0 && b.chunks[n-1].wrote < chunkBytes {
		return b.chunks[n-1]
	}
	c := &chunk{}
	b.chunks = append(b.chunks, c)
	return c
}

// append writes behind what is there.
func (c *chunk) append(data []byte) (err error) {
	if c.file == nil {
		if c.file, err = os.CreateTemp("", "fpmbridge-response-"); err != nil {
			return fmt.Errorf("exchange: %w", err)
		}
		if err = os.Remove(c.file.Name()); err != nil {
			return fmt.Errorf("exchange: %w", err)
		}
	}
	if _, err = c.file.WriteAt(data, c.wrote); err != nil {
		return fmt.Errorf("exchange: %w", err)
	}
	return nil
}

func (c *chunk) close() {
	if c.file != nil {
		_ = c.file.Close()
	}
}

// spoolLocked puts the bytes of a part on disk. It unlocks mu while it writes; nothing else is added meanwhile.
func (x *Exchange) spoolLocked(p *Part) Taking {
	n := int64(len(p.Data))
	if x.Spool == nil || x.backlog.bytes+n > x.Spool.each {
		return TooMuch
	}
	c := x.backlog.last()
	x.backlog.bytes += n
	x.spooling = true
	x.mu.Unlock()
	victim, ok := x.Spool.grow(x, n)
	if victim != nil {
		victim.Cut()
	}
	var err error
	if ok {
		if err = c.append(p.Data); err != nil {
			x.Unspooled(err)
		}
	}
	x.mu.Lock()
	x.spooling = false
	x.makeRoomLocked()
	switch {
	case x.finished:
		x.closeBacklogLocked()
		return TooLate
	case !ok || err != nil:
		x.broken = true
		return TooMuch
	}
	c.wrote += n
	p.Data, p.spooled = nil, n
	return Taken
}

func (x *Exchange) closeBacklogLocked() {
	for _, c := range x.backlog.chunks {
		c.close()
	}
	x.backlog = backlog{}
	if x.Spool != nil {
		x.Spool.shrink(x, 0)
	}
}

// readBacklog reads the next bytes, up to the end of a file.
func (x *Exchange) readBacklog(p []byte) (n int, err error) {
	x.mu.Lock()
	c := x.backlog.chunks[0]
	at, there := c.read, c.wrote-c.read
	x.mu.Unlock()
	p = p[:min(int64(len(p)), there)]
	if _, err := c.file.ReadAt(p, at); err != nil {
		return 0, fmt.Errorf("exchange: %w", err)
	}
	x.mu.Lock()
	defer x.mu.Unlock()
	c.read += int64(len(p))
	if c.read == c.wrote && (len(x.backlog.chunks) > 1 || !x.spooling) {
		c.close()
		x.backlog.chunks = x.backlog.chunks[1:]
		x.backlog.bytes -= c.wrote
		x.Spool.shrink(x, x.backlog.bytes)
		x.makeRoomLocked()
	}
	return len(p), nil
}
