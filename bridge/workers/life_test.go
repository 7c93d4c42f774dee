package workers

import (
	"context"
	"encoding/binary"
	"errors"
	"io"
	"math/rand/v2"
	"net"
	"sync"
	"time"

	"github.com/fpmbridge/fpmbridge/callback"
	"github.com/fpmbridge/fpmbridge/internal/memnet"
)

// life is one process of a worker: PHP's end of a channel.
type life struct {
	world  *world
	worker int
	rng    *rand.Rand
	conn   net.Conn

	mu   sync.Mutex
	last uint64 // the id of the event that was begun last
	over bool   // nothing is said any more
	said bool   // it has said its last word
	hung bool
	wg   sync.WaitGroup // coroutines that wait
}

var errBoot = errors.New("the script does not start")

// Boot implements Booter.
func (w *world) Boot(ctx context.Context, worker int, ticket uint64, _ *callback.Reply) error {
	l := w.newLife(worker)
	switch l.rng.IntN(12) {
	case 0:
		return errBoot
	case 1:
		return nil // it ends before start()
	case 2, 3:
		time.Sleep(time.Duration(l.rng.IntN(300)) * time.Millisecond)
	}
	ours, theirs := memnet.Pipe(16 << 10)
	l.conn = ours
	served := make(chan struct{})
	go func() {
		defer close(served)
		_, err := w.pool.Serve(ctx, callback.WorkerHello{Ticket: ticket, PID: 1}, callback.NewChannel(theirs, nil))
		if err != nil {
			w.t.Errorf("worker %d: %v", worker, err)
		}
		_ = theirs.Close()
	}()
	l.live()
	l.mu.Lock()
	l.over = true
	l.mu.Unlock()
	_ = ours.Close()
	<-served
	l.wg.Wait()
	return nil
}

// live is what the process does until it ends.
func (l *life) live() {
	if l.rng.IntN(20*l.world.calm) == 0 {
		return // killed in workerStart
	}
	time.Sleep(time.Duration(l.rng.IntN(3)) * time.Millisecond)
	l.say(76, 0, 0)
	most := 5 + l.rng.IntN(100*l.world.calm)
	for range most {
		head := make([]byte, 32)
		if _, err := io.ReadFull(l.conn, head); err != nil {
			return
		}
		rest := make([]byte, binary.BigEndian.Uint32(head))
		if _, err := io.ReadFull(l.conn, rest); err != nil {
			return
		}
		switch {
		case head[4] == 21 && head[27] == 2:
			l.say(143, 0, 0)
			continue
		case head[4] == 21:
			l.finish()
			return
		}
		if !l.event(binary.BigEndian.Uint64(head[8:])) {
			return
		}
	}
	l.finish() // max_request
}

// finish ends the process in order.
func (l *life) finish() {
	l.wg.Wait() // coroutines have max_wait_time
	l.lastWord(1)
}

func (l *life) lastWord(code byte) {
	l.mu.Lock()
	l.said = true
	l.mu.Unlock()
	l.say(75, l.last, code)
}

// event handles one; false: the process is over.
func (l *life) event(id uint64) bool {
	e := l.world.begin(l, id)
	if e == nil {
		return false
	}
	l.mu.Lock()
	l.last = id
	l.mu.Unlock()
	switch n := l.rng.IntN(100 * l.world.calm); {
	case n < 3:
		return false // kill -9
	case n < 6:
		l.lastWord(0) // exit
		return false
	case n == 6 && l.world.timeout > 0:
		l.mu.Lock()
		l.hung = true
		l.mu.Unlock()
		_, _ = io.Copy(io.Discard, l.conn)
		return false
	case n < 16:
		l.say(76, id, 0)
		for_ := time.Duration(l.rng.IntN(50)) * time.Millisecond
		l.wg.Go(func() {
			time.Sleep(for_)
			l.end(e)
		})
		return true
	case n < 30:
		time.Sleep(time.Duration(l.rng.IntN(20_000)) * time.Microsecond)
	}
	l.end(e)
	return true
}

func (l *life) end(e *entry) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.over || l.said || l.hung {
		return
	}
	l.world.end(e)
	l.sayLocked(127, e.ID, 0)
}

func (l *life) say(typ byte, id uint64, code byte) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.sayLocked(typ, id, code)
}

func (l *life) sayLocked(typ byte, id uint64, code byte) {
	frame := make([]byte, 32)
	frame[4], frame[27] = typ, code
	binary.BigEndian.PutUint64(frame[8:], id)
	_, _ = l.conn.Write(frame)
}
