package streams

import (
	"context"
	"net/http"
	"slices"
	"strconv"
	"sync"
	"time"
)

// table is what a connection knows of its streams.
type table struct {
	mu      sync.Mutex
	streams map[uint32]*Stream
	line    []*Stream // those that are complete, in order, until their turn is over
	events  int       // with PHP, or next
	behind  int       // bytes that wait for the client
	active  int       // goroutines that have a stream, or send something
	closed  bool
	leaving bool        // the connection ends with its last stream
	first   *time.Timer // until the first request
}

// Stream is a request's. Its handler alone calls its methods, but for Unload. Those of nil do nothing: a request of HTTP/1.
type Stream struct {
	ID uint32 // odd, and growing

	c *Conn

	// guarded by the table's mu
	complete bool // all of the request came
	taken    bool // its handler has begun
	left     bool // and ended
	over     bool // the response has ended, or nobody wants it
	lined    bool // it is in line
	away     bool // it waits for something else
	handed   bool // its event is on the way to PHP
	done     bool // and PHP is done with it
	most     int  // events of the connection that PHP may have with it
	large    bool // it has a token of Conn.large
	behind   int  // bytes of the response that wait for the client
	turn     chan struct{}
}

func (t *table) begin(first *time.Timer) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.streams, t.first = make(map[uint32]*Stream), first
}

// arrive notes a new stream; false: there are too many.
func (t *table) arrive(id uint32) bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	if len(t.streams) >= mostKnown {
		return false
	}
	t.streams[id] = &Stream{ID: id}
	return true
}

// complete notes that all of a request came.
func (t *table) complete(id uint32) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if s := t.streams[id]; s != nil && !s.complete {
		s.complete = true
		if !s.away {
			t.enqueue(s)
		}
	}
}

func (t *table) enqueue(s *Stream) {
	if !s.lined {
		s.lined = true
		t.line = append(t.line, s)
	}
}

// dequeue takes a stream out of the line, and lets the next one have its turn.
func (t *table) dequeue(s *Stream) {
	if !s.lined {
		return
	}
	s.lined = false
	t.line = slices.DeleteFunc(t.line, func(other *Stream) bool { return other == s })
	t.next()
}

// next lets the first of the line have its turn, if it can.
func (t *table) next() {
	if len(t.line) == 0 {
		return
	}
	if s := t.line[0]; s.turn != nil && t.behind <= mostBehind && t.events < s.most {
		close(s.turn)
		s.turn = nil
	}
}

// forget reports whether both sides are done with a stream, which is forgotten then.
func (t *table) forget(s *Stream) bool {
	if !s.over || s.taken && !s.left || t.streams[s.ID] != s {
		return false
	}
	delete(t.streams, s.ID)
	return s.taken
}

// over is called when a stream's response has ended, or nobody wants it any more.
func (c *Conn) over(id uint32) {
	t := &c.table
	t.mu.Lock()
	s := t.streams[id]
	if s == nil {
		t.mu.Unlock()
		return
	}
	s.over = true
	t.dequeue(s)
	told := t.forget(s)
	last := t.leaving && len(t.streams) == 0
	t.mu.Unlock()
	c.tell(s, told, last)
}

func (c *Conn) tell(s *Stream, told, last bool) {
	if told {
		c.o.Over(s.ID)
	}
	if last {
		c.HangUp()
	}
}

// leave has the connection end with its last stream. True: there is none.
func (t *table) leave() bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.leaving = true
	return len(t.streams) == 0
}

// enter counts a goroutine; false: the connection has been closed.
func (t *table) enter() bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.closed {
		return false
	}
	t.active++
	return true
}

// leave counts a goroutine out.
func (c *Conn) leave() {
	t := &c.table
	t.mu.Lock()
	t.active--
	idle := t.closed && t.active == 0
	t.mu.Unlock()
	if idle {
		c.o.Idle()
	}
}

// Finish is called when the HTTP server is done with the connection.
func (c *Conn) Finish() {
	t := &c.table
	t.mu.Lock()
	t.closed = true
	if t.first != nil {
		t.first.Stop()
	}
	var told []*Stream
	for _, s := range t.streams {
		s.over = true
		t.dequeue(s)
		if t.forget(s) {
			told = append(told, s)
		}
	}
	idle := t.active == 0
	t.mu.Unlock()
	c.out.mu.Lock()
	c.out.broken = true
	c.out.idle.Broadcast()
	c.out.mu.Unlock()
	for _, s := range told {
		c.o.Over(s.ID)
	}
	if idle {
		c.o.Idle()
	}
}

// Enter is what a handler of HTTP/2 begins with; Leave has to follow. False: the client has left already, and nothing is to be done.
func (c *Conn) Enter(r *http.Request) (*Stream, *http.Request, bool) {
	labels := r.Header[label]
	delete(r.Header, label)
	if len(labels) == 0 {
		return nil, r, false
	}
	id, err := strconv.ParseUint(labels[len(labels)-1], 10, 31) // what stands before is the client's
	t := &c.table
	t.mu.Lock()
	defer t.mu.Unlock()
	s := t.streams[uint32(id)]
	if err != nil || s == nil || s.taken || t.closed || t.streams[s.ID-2*slots] != nil { // which would have the same key
		return nil, r, false
	}
	t.first.Stop()
	s.c, s.taken = c, true
	t.active++
	return s, r.WithContext(context.WithValue(r.Context(), key{}, s)), true
}

type key struct{}

// Of is the stream of a request; nil: it is none of HTTP/2.
func Of(r *http.Request) *Stream {
	if r.ProtoMajor != 2 {
		return nil
	}
	s, _ := r.Context().Value(key{}).(*Stream)
	return s
}

// Leave ends what Enter began. ctx is the request's.
func (s *Stream) Leave(ctx context.Context) {
	t := &s.c.table
	t.mu.Lock()
	s.left = true
	s.over = s.over || ctx.Err() != nil // net/http knows first
	t.dequeue(s)
	if !s.handed {
		s.unload()
	}
	t.behind -= s.behind
	s.behind = 0
	t.next()
	told := t.forget(s)
	last := t.leaving && len(t.streams) == 0
	t.mu.Unlock()
	s.c.tell(s, told, last)
	s.c.leave()
}

// Pass lets the next one have its turn.
func (s *Stream) Pass() {
	if s == nil {
		return
	}
	s.c.table.mu.Lock()
	defer s.c.table.mu.Unlock()
	s.c.table.dequeue(s)
}

// Turn waits until all requests that were complete before this one have been handed on, PHP can have one more event, and the client has read
// enough of its responses. several: PHP takes many events of a connection at a time. False: ctx ended before that. If it is true, Pass has to follow, and
// Unload when PHP is done with the event.
func (s *Stream) Turn(ctx context.Context, several bool) bool {
	if s == nil {
		return true
	}
	t := &s.c.table
	t.mu.Lock()
	if s.over {
		t.mu.Unlock()
		return false
	}
	if s.most = mostQueued; several {
		s.most = mostAtOnce
	}
	turn := make(chan struct{})
	s.turn = turn
	t.enqueue(s)
	t.next()
	t.mu.Unlock()
	select {
	case <-turn:
	case <-ctx.Done():
		return false
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	if s.lined { // or the stream is over
		s.handed = true
		t.events++
	}
	return s.handed
}

// Room waits until the next piece of a body may be read, of which n bytes came: few bodies of one connection are large at a time.
func (s *Stream) Room(ctx context.Context, n int64) error {
	if n < Window || s.large {
		return nil
	}
	t := &s.c.table
	select {
	case s.c.large <- struct{}{}:
	default:
		t.mu.Lock()
		s.away = true // others need not wait for it
		t.dequeue(s)
		t.mu.Unlock()
		select {
		case s.c.large <- struct{}{}:
		case <-ctx.Done():
			return ctx.Err() //nolint:wrapcheck // nobody hears of it
		}
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	s.large, s.away = true, false
	if s.complete {
		t.enqueue(s)
	}
	return nil
}

// Unload says that PHP is done with the event, and nobody holds the body any more. The client has n bytes of the response to read.
func (s *Stream) Unload(n int) {
	t := &s.c.table
	t.mu.Lock()
	defer t.mu.Unlock()
	s.unload()
	if s.handed && !s.done {
		s.done = true
		t.events--
	}
	if !s.left {
		s.behind = n
		t.behind += n
	}
	t.next()
}

func (s *Stream) unload() {
	if s.large {
		<-s.c.large
	}
	s.large = false
}

// slots is how many streams a key can tell apart.
const slots = 1<<16 - 1

// Key is a stream's number for PHP's answers, never 0: ids repeat it after 65,535 streams, of which the first has long ended.
func (s *Stream) Key() uint16 {
	if s == nil {
		return 0
	}
	return KeyOf(s.ID)
}

// KeyOf is the key of a stream's id.
func KeyOf(id uint32) uint16 { return uint16(id>>1%slots + 1) }
