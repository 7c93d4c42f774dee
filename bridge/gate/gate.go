// Package gate counts who is in, and says why somebody is not let in. It stands on the standard library alone.
package gate

import "sync"

// Gate counts connections of all kinds, from their accept on, of all and by address. The zero value has no limits.
type Gate struct {
	MostPerAddress int // set before use; 0: no limit

	mu      sync.Mutex
	closed  bool
	total   int
	address map[string]int // only kept while there is a limit per address
	pending sync.WaitGroup // those that are about to be known
}

// Enter counts a connection in where fewer than most (0: no limit) are in, or says why not. Leave has to follow.
func (g *Gate) Enter(most int, addr string) (Refusal, bool) {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.closed {
		return Draining, false
	}
	if most > 0 && g.total >= most {
		return Full, false
	}
	if g.MostPerAddress > 0 {
		if g.address[addr] >= g.MostPerAddress {
			return Address, false
		}
		if g.address == nil {
			g.address = make(map[string]int)
		}
		g.address[addr]++
	}
	g.total++
	return 0, true
}

// Open reports whether a connection may become known to PHP: the gate is not closed. If so, Entered has to follow when it is known, or has left.
func (g *Gate) Open() bool {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.closed {
		return false
	}
	g.pending.Add(1)
	return true
}

// Entered ends what Open began.
func (g *Gate) Entered() { g.pending.Done() }

// Close lets nobody in any more, and waits for those who have not Entered.
func (g *Gate) Close() {
	g.mu.Lock()
	g.closed = true
	g.mu.Unlock()
	g.pending.Wait()
}

// Count returns how many are in.
func (g *Gate) Count() int {
	g.mu.Lock()
	defer g.mu.Unlock()
	return g.total
}

// Leave counts a connection out that Enter let in.
func (g *Gate) Leave(addr string) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.total--
	if g.MostPerAddress > 0 {
		if g.address[addr]--; g.address[addr] == 0 {
			delete(g.address, addr)
		}
	}
}
