package streams

import (
	"encoding/binary"
	"sync"
	"time"
)

const (
	// mostSaid is how many bytes of frames of our own may wait for a place between those of net/http.
	mostSaid = 4 << 10
	// MaxDebug is the longest text of GoAway, in bytes.
	MaxDebug = 1 << 10
	// goodbye is for a socket that takes a few bytes at once.
	goodbye = 10 * time.Millisecond
	// linger is for the client to close, once it knows that nothing more comes: a reset could overtake what has left.
	linger = 5 * time.Second
)

// output is what leaves.
type output struct {
	mu   sync.Mutex // held while bytes leave
	idle sync.Cond  // what is written ends with a frame, or it is over

	part   head // of the frame that leaves, or the last one
	got    int  // bytes of part
	left   int  // of its payload
	gone   bool // GOAWAY has left
	broken bool // nothing leaves any more

	said struct {
		sync.Mutex

		frames []byte // of our own
		away   bool   // with GOAWAY
		bye    bool   // nothing follows
	}
}

// between reports whether a frame may start. A header block is one: nothing comes between its frames (RFC 9113 section 4.3).
func (o *output) between() bool {
	kind := o.part.kind()
	return o.got == 0 && o.left == 0 && (kind != frameHeaders && kind != frameContinuation || o.part.has(flagEndHeaders))
}

// note follows the frames of p, and returns the streams that end with it.
func (o *output) note(p []byte) (ended []uint32) {
	for len(p) > 0 {
		if o.left > 0 {
			n := min(o.left, len(p))
			o.left -= n
			p = p[n:]
			continue
		}
		n := copy(o.part[o.got:], p)
		p = p[n:]
		if o.got += n; o.got < headLength {
			return ended
		}
		o.got, o.left = 0, o.part.length()
		switch kind := o.part.kind(); {
		case kind == frameReset, o.part.has(flagEndStream):
			ended = append(ended, o.part.stream())
		case kind == frameGoAway:
			o.gone = true
		}
	}
	return ended
}

// Write implements net.Conn.
func (c *Conn) Write(p []byte) (int, error) {
	if !c.HTTP2() {
		return c.Conn.Write(p) //nolint:wrapcheck // net/http looks at the error's type
	}
	c.out.mu.Lock()
	ended := c.out.note(p)
	n, err := c.Conn.Write(p)
	c.out.broken = c.out.broken || err != nil
	c.out.idle.Broadcast()
	c.out.mu.Unlock()
	for _, id := range ended {
		c.over(id)
	}
	return n, err //nolint:wrapcheck // as above
}

// Ping sends a ping. Its answer is nobody's.
func (c *Conn) Ping(data []byte) {
	var payload [pingBytes]byte
	copy(payload[:], data)
	c.say(frameOf(framePing, 0, 0, payload[:]))
}

// GoAway tells the client to open no more streams here, and why: RFC 9113 section 7 has the codes. The connection ends when all that are open have ended.
func (c *Conn) GoAway(code uint32, debug []byte) {
	c.out.said.Lock()
	again := c.out.said.away
	c.out.said.away = true
	c.out.said.Unlock()
	if !again {
		c.say(c.goAway(code, debug[:min(len(debug), MaxDebug)]))
	}
	if c.table.leave() {
		c.HangUp()
	}
}

func (c *Conn) goAway(code uint32, debug []byte) []byte {
	payload := binary.BigEndian.AppendUint32(nil, c.last.Load())
	payload = binary.BigEndian.AppendUint32(payload, code)
	return frameOf(frameGoAway, 0, 0, append(payload, debug...))
}

// HangUp ends the connection in order: what was written comes first, and the client closes.
func (c *Conn) HangUp() {
	c.out.said.Lock()
	again := c.out.said.bye
	c.out.said.bye = true
	c.out.said.Unlock()
	if again {
		return
	}
	c.say(nil)
}

// say sends frames of our own, without waiting for it. Too many are left out.
func (c *Conn) say(frames []byte) {
	said := &c.out.said
	said.Lock()
	if len(said.frames)+len(frames) <= mostSaid {
		said.frames = append(said.frames, frames...)
	}
	said.Unlock()
	if c.table.enter() {
		go c.flush()
	}
}

func (c *Conn) flush() {
	defer c.leave()
	c.out.mu.Lock()
	for !c.out.between() && !c.out.broken {
		c.out.idle.Wait()
	}
	said := &c.out.said
	said.Lock()
	frames, away, bye := said.frames, said.away, said.bye
	said.frames = nil
	said.Unlock()
	if bye && !away && !c.out.gone {
		frames, away = append(frames, c.goAway(0, nil)...), true
	}
	if c.out.gone = c.out.gone || away; !c.out.broken && len(frames) > 0 {
		_, err := c.Conn.Write(frames)
		c.out.broken = err != nil
	}
	c.out.mu.Unlock()
	if bye {
		_ = c.CloseWrite()
		_ = c.SetReadDeadline(time.Now().Add(linger))
	}
}

// Close implements net.Conn. It says so, if the client takes it at once.
func (c *Conn) Close() error {
	if c.HTTP2() && c.out.mu.TryLock() {
		if c.out.between() && !c.out.gone && !c.out.broken {
			_ = c.SetWriteDeadline(time.Now().Add(goodbye))
			_, _ = c.Conn.Write(c.goAway(0, nil))
		}
		c.out.gone, c.out.broken = true, true
		c.out.idle.Broadcast()
		c.out.mu.Unlock()
	}
	return c.Conn.Close() //nolint:wrapcheck // passed through
}
