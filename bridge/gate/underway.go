package gate

import "sync/atomic"

// Underway counts requests that PHP has to answer. The zero value has none.
type Underway struct{ n atomic.Int64 }

// Enter counts a request in where fewer than most (0: no limit) are under way. Leave has to follow then.
func (u *Underway) Enter(most int) bool {
	for {
		n := u.n.Load()
		if most > 0 && n >= int64(most) {
			return false // without having been in, which would refuse somebody else
		}
		if u.n.CompareAndSwap(n, n+1) {
			return true
		}
	}
}

// Full reports whether most (0: no limit) are under way.
func (u *Underway) Full(most int) bool { return most > 0 && u.n.Load() >= int64(most) }

// Leave counts a request out.
func (u *Underway) Leave() { u.n.Add(-1) }

// Count returns how many are under way.
func (u *Underway) Count() int { return int(u.n.Load()) }
