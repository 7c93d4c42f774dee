package exchange

import (
	"bytes"
	"context"
	"net/http"
	"os"
	"sync"
	"time"
)

// Config is what an exchange needs to know.
type Config struct {
	Settings     *Settings
	Front        *Front        // the connection as the HTTP server has it; nil: it is encrypted, heads stay as net/http makes them
	WriteTimeout time.Duration // for 64 KiB
	Detach       time.Duration // for a response that outlives its event, since it last grew
	Lost         func(err error)
	Late         func()          // Detach is over
	Spool        *Spool          // for what the client does not read in time; nil: there is none
	Unspooled    func(err error) // the disk does not take more
	Cut          func()          // the client is too slow: its connection is ended, from any goroutine
	Last         bool            // the connection is closed behind the response
	Answered     func()          // called once, when PHP has said all, or will never; must not block. nil: nobody asks
}

// Exchange is one HTTP request on its way to PHP, and its response on the way back. PHP's parts come from any goroutine;
// the one that calls Serve alone writes them.
type Exchange struct {
	// set at construction
	Config

	wake chan struct{} // has a token when there is something for Serve

	mu       sync.Mutex
	body     []byte // of the request, while its event is with PHP
	parts    []Part
	queued   int           // bytes of parts in memory
	writing  int           // and of those that are being written
	backlog  backlog       // what is on disk
	spooling bool          // somebody writes to it
	broken   bool          // a part is lost: nothing more is taken
	room     chan struct{} // made by who waits for room, closed when there is some
	headed   bool          // a head came
	ended    bool          // PHP said all
	detached bool
	over     bool // the event has ended
	hangup   bool // the connection is to be closed when what is queued has left
	raw      bool // somebody else writes the response
	finished bool // the handler takes nothing more
	status   int  // the bridge's own answer, if PHP gives none
	failed   bool // PHP is not done with the event, and never will be
}

// Part is a piece of a response.
type Part struct {
	Status uint16 // 0: no head
	Head   []byte // with a status: the reason and header lines; without one: trailer lines
	Data   []byte
	File   *os.File // instead of data; it is the exchange's once it was taken
	Offset int64
	N      int64 // of File; 0: to its end

	spooled int64 // bytes of Data that are on disk

	End    bool // nothing follows
	Detach bool // the response outlives its event
}

// exchangeBytes is how much of a response waits for its client in memory. One part may be larger, if it is alone.
const exchangeBytes = 1 << 20

// partBytes is what a part takes beside its data.
const partBytes = 128

// New makes an exchange whose event goes to PHP now.
func New(c Config) *Exchange {
	return &Exchange{Config: c, wake: make(chan struct{}, 1), status: http.StatusInternalServerError}
}

// Taking says what became of a part.
type Taking uint8

// The closed set of results.
const (
	Taken   Taking = iota
	TooLate        // the response is over, or its client has gone
	TooMuch        // the client is too slow for it
)

// Add takes a part from PHP, and copies its bytes: into memory, or to disk if the client is behind. Where there is no room either, it waits for it
// as long as wait says.
func (x *Exchange) Add(p Part, wait time.Duration) Taking {
	x.mu.Lock()
	defer x.mu.Unlock()
	var late <-chan time.Time
	for {
		if x.ended || x.finished || x.hangup || x.broken || p.File != nil && x.headed {
			return TooLate
		}
		room := x.roomLocked()
		if !x.spooling {
			if len(x.parts) == 0 || x.queued+partBytes+len(p.Data) <= exchangeBytes {
				break
			}
			taken := x.spoolLocked(&p)
			if taken == Taken {
				break
			}
			if taken == TooLate || x.broken || wait == 0 {
				return taken
			}
			if late == nil {
				t := time.NewTimer(wait)
				defer t.Stop()
				late = t.C
			}
		}
		x.mu.Unlock()
		over := false
		select {
		case <-room:
		case <-late:
			over = true
		}
		x.mu.Lock()
		if over {
			return TooMuch
		}
	}
	x.detached = x.detached || p.Detach
	if p.Status != 0 && x.headed {
		p.Status, p.Head = 0, nil // of another run, which did not know
	}
	if p.Status == 0 && !x.headed && (p.End || len(p.Data) > 0) {
		p.Status = http.StatusOK
	}
	if p.Status != 0 || p.End || len(p.Data) > 0 || p.spooled > 0 {
		x.headed = x.headed || p.Status != 0
		x.ended = p.End
		x.queueLocked(&p)
		x.answeredLocked()
	}
	x.signal()
	return Taken
}

// queueLocked puts a part behind the others.
func (x *Exchange) queueLocked(p *Part) {
	if n := len(x.parts); p.spooled > 0 && n > 0 && x.parts[n-1].spooled > 0 {
		last := &x.parts[n-1] // many small ones are one
		last.spooled += p.spooled
		last.Head, last.End = bytes.Clone(p.Head), p.End
		return
	}
	p.Head, p.Data = bytes.Clone(p.Head), bytes.Clone(p.Data)
	x.queued += partBytes + len(p.Data)
	x.parts = append(x.parts, *p)
}

func (x *Exchange) signal() {
	select {
	case x.wake <- struct{}{}:
	default:
	}
}

// EventOver says that PHP has nothing more to say as the answer to its event: status is what the client gets if it said nothing
// at all. A response is detached only if the event did not fail.
func (x *Exchange) EventOver(status int, failed bool) {
	x.mu.Lock()
	defer x.mu.Unlock()
	x.over, x.body, x.status, x.failed = true, nil, status, failed
	if failed {
		x.detached = false
	}
	x.answeredLocked()
	x.signal()
}

// answeredLocked looks whether PHP has said all: also to a client that has left it has not while its event runs.
func (x *Exchange) answeredLocked() {
	if x.Answered != nil && (x.ended || x.over && (!x.detached || x.finished)) {
		x.Answered()
		x.Answered = nil
	}
}

// Hang has the connection closed when what is queued has left.
func (x *Exchange) Hang() {
	x.mu.Lock()
	defer x.mu.Unlock()
	x.hangup = true
	x.signal()
}

// Raw says that the response leaves without the exchange: it gives none of its own, and waits until the client leaves or sends its next request.
func (x *Exchange) Raw() {
	x.mu.Lock()
	defer x.mu.Unlock()
	x.raw, x.detached = true, true
}

func (x *Exchange) isRaw() bool {
	x.mu.Lock()
	defer x.mu.Unlock()
	return x.raw
}

// Next says that the client sends something. Behind a response that the exchange knows nothing of, nobody can tell what it is: the connection ends, and the client
// asks again on another one.
func (x *Exchange) Next() {
	x.mu.Lock()
	defer x.mu.Unlock()
	if x.raw && x.over {
		x.hangup = true
		x.signal()
	}
}

// progress is what the handler has to do.
type progress struct {
	parts                         []Part
	ended, waits, hangup, handled bool
}

// take gives the handler what is there.
func (x *Exchange) take() progress {
	x.mu.Lock()
	defer x.mu.Unlock()
	p := progress{parts: x.parts, ended: x.ended, waits: x.over && x.detached, hangup: x.hangup, handled: x.over && !x.detached}
	x.parts, x.queued, x.writing = nil, 0, x.queued
	x.makeRoomLocked()
	return p
}

// roomLocked is closed when there is room.
func (x *Exchange) roomLocked() <-chan struct{} {
	if x.room == nil {
		x.room = make(chan struct{})
	}
	return x.room
}

func (x *Exchange) makeRoomLocked() {
	if x.room != nil {
		close(x.room)
		x.room = nil
	}
}

// Finish takes nothing more from PHP.
func (x *Exchange) Finish() {
	x.mu.Lock()
	defer x.mu.Unlock()
	x.finished = true
	x.answeredLocked()
	for _, p := range x.parts {
		p.close()
	}
	x.parts = nil
	if !x.spooling {
		x.closeBacklogLocked()
	}
	x.makeRoomLocked()
}

func (p *Part) close() {
	if p.File != nil {
		_ = p.File.Close()
	}
}

// Keep has Body answer until the event is over. body is not copied.
func (x *Exchange) Keep(body []byte) {
	x.mu.Lock()
	defer x.mu.Unlock()
	x.body = body
}

// Body returns a piece of the request's body.
func (x *Exchange) Body(offset, n int) ([]byte, bool) {
	x.mu.Lock()
	defer x.mu.Unlock()
	if x.body == nil || offset > len(x.body) {
		return nil, false
	}
	return bytes.Clone(x.body[offset:min(offset+n, len(x.body))]), true // it may be unmapped when the event is over
}

// First waits for the response's head, or until it is clear that there will be none, and returns its status (0: none). With 101 the
// part is taken out; otherwise it is Serve's. It is false if the client has left.
func (x *Exchange) First(ctx context.Context) (p Part, ok bool) {
	for {
		x.mu.Lock()
		head := len(x.parts) > 0
		if head {
			p = x.parts[0]
			if p.Status == http.StatusSwitchingProtocols {
				x.parts = x.parts[1:]
				x.ended = true
				x.answeredLocked()
				x.makeRoomLocked()
			}
		}
		over := x.over && !x.detached || x.hangup
		x.mu.Unlock()
		if head || over {
			return p, true
		}
		select {
		case <-x.wake:
		case <-ctx.Done():
			return Part{}, false
		}
	}
}

// Wait waits until the event is over, and returns its status: 0 if PHP was done with it, and what EventOver said otherwise. It is false if
// the client has left.
func (x *Exchange) Wait(ctx context.Context) (status int, ok bool) {
	for {
		x.mu.Lock()
		over, status := x.over, x.status
		if !x.failed {
			status = 0
		}
		x.mu.Unlock()
		if over {
			return status, true
		}
		select {
		case <-x.wake:
		case <-ctx.Done():
			return 0, false
		}
	}
}

// Said returns the first part that came, if there is one.
func (x *Exchange) Said() (p Part, ok bool) {
	x.mu.Lock()
	defer x.mu.Unlock()
	if len(x.parts) == 0 {
		return Part{}, false
	}
	return x.parts[0], true
}

// Serve writes the response as it comes, until it is over. It panics with http.ErrAbortHandler where the connection has to
// be closed without a proper end.
func (x *Exchange) Serve(w http.ResponseWriter, r *http.Request) {
	defer x.Finish()
	out := responder{x: x, w: w, r: r, rc: http.NewResponseController(w)}
	var silence *time.Timer
	var late <-chan time.Time
	for {
		p := x.take()
		for i := range p.parts {
			last := i == len(p.parts)-1
			if err := out.write(&p.parts[i], p.hangup, last); err != nil {
				for _, left := range p.parts[i+1:] {
					left.close()
				}
				x.Lost(err)
				panic(http.ErrAbortHandler)
			}
		}
		switch {
		case p.ended:
			return
		case p.hangup:
			panic(http.ErrAbortHandler)
		case p.handled:
			out.own(x.status)
			return
		case p.waits && silence == nil:
			silence = time.NewTimer(x.Detach)
			defer silence.Stop()
			late = silence.C
		case p.waits && len(p.parts) > 0:
			silence.Reset(x.Detach)
		}
		select {
		case <-x.wake:
		case <-r.Context().Done():
			panic(http.ErrAbortHandler)
		case <-late:
			if !x.isRaw() {
				x.Late()
			}
			out.own(http.StatusGatewayTimeout)
			return
		}
	}
}
