package bridge

import (
	"context"
	"errors"
	"io"
	"time"

	"github.com/fpmbridge/fpmbridge/bridge/inbox"
	"github.com/fpmbridge/fpmbridge/bridge/inlet"
	"github.com/fpmbridge/fpmbridge/bridge/outbox"
	"github.com/fpmbridge/fpmbridge/callback"
)

// drainLimit bounds what is read and thrown away from a client that was told to go, beside its time. It is many times what a message may have: to a
// client that is still writing one that is too big, a close would be a reset, and 1006 where it should see 1009.
const drainLimit = 256 << 20

// read is the session's goroutine: it reads until the connection breaks or ends, then closes the socket. Another one may
// take its place while it is in a call to PHP.
func (s *session) read() {
	if s.phase() == phaseTCP {
		s.readTCP()
		return
	}
	err := s.inlet.Run(s)
	if errors.Is(err, inlet.ErrStopped) {
		return
	}
	if s.filling != nil {
		s.filling.Free()
		s.filling = nil
	}
	s.readFailed(err)

	// Both sides know by now, unless a shutdown still waits for PHP: then a client's goodbye is answered here. The socket
	// is closed when our FIN is out and the client has closed too, or had its time.
	var answer []byte
	if left, ok := errors.AsType[*inlet.Closed](err); ok {
		answer = outbox.AppendClose(nil, left.Code, left.Reason)
	}
	s.out.Finish(answer)
	s.finish()
}

// finish closes the socket after the client has closed too, or had its time, and forgets the session. Somebody has called Finish of its
// outbox.
func (s *session) finish() {
	_, _ = io.CopyN(io.Discard, s.sock, drainLimit)
	s.out.Wait()
	s.out.Abort()
	_ = s.sock.Close()

	s.mu.Lock()
	s.readerEnd = true
	s.mu.Unlock()
	s.release()
}

// Begin implements inlet.Handler. What a client says after we ended is read for its close frame only.
func (s *session) Begin() *[]byte {
	if s.ending.Load() {
		return nil
	}
	s.filling = inbox.New()
	return &s.filling.Payload
}

// Message implements inlet.Handler.
func (s *session) Message(opcode, flags uint8) (reading bool) {
	q := s.filling
	s.filling = nil
	q.Opcode, q.Flags = opcode, flags
	if s.route.beats != nil && s.beaten(q) {
		return true
	}
	return s.deliver(q)
}

// beaten answers a message that is a heartbeat. One whose answer does not fit ends the connection, as a push would: its client does not read.
func (s *session) beaten(q *inbox.Event) bool {
	reply, answer, ok := s.route.beats.Find(q.Opcode, q.Payload)
	if !ok {
		return false
	}
	b := s.b
	b.stats.MessagesIn.Add(1)
	b.stats.BytesIn.Add(uint64(len(q.Payload)))
	b.stats.Heartbeats.Add(1)
	s.lastMsg.Store(s.recvAt.Load() / int64(time.Microsecond))
	if answer {
		var head [outbox.MaxHeader]byte
		switch s.out.Send(outbox.AppendHeader(head[:0], outbox.BitFIN|q.Opcode, len(reply)), reply, true) {
		case outbox.OK:
			s.sentAt.Store(time.Now().UnixNano())
			b.stats.BytesOut.Add(uint64(len(reply)))
		case outbox.Slow:
			s.end(ending{cause: callback.CauseSlow, code: closeAbnormal, reason: "outbox full"})
		case outbox.Closed:
		}
	}
	q.Free()
	return true
}

// Control implements inlet.Handler: Swoole's open_websocket_ping_frame leaves the pong to the script.
func (s *session) Control(opcode uint8, payload []byte) (reading bool) {
	speech := s.speech(s.route)
	deliver := speech.PongFrames
	if opcode == inlet.OpPing {
		deliver = speech.PingFrames
		if !deliver {
			var frame [outbox.MaxControlFrame]byte
			s.control(append(outbox.AppendHeader(frame[:0], outbox.BitFIN|outbox.OpPong, len(payload)), payload...))
		}
	}
	if !deliver || s.ending.Load() {
		return true
	}
	q := inbox.New()
	q.Opcode, q.Flags = opcode, controlFlags
	q.Payload = append(q.Payload, payload...)
	return s.deliver(q)
}

// controlFlags are a control frame's in Swoole's Frame::$flags.
const controlFlags = inlet.FlagFIN | inlet.FlagMask

// deliver brings a message on its way to PHP, and to PHP itself if nobody is before it. It is false if another goroutine
// has the reading now.
func (s *session) deliver(q *inbox.Event) (reading bool) {
	if !s.arrived(q) {
		return true
	}
	s.waitForRoom(len(q.Payload))
	if !s.enqueue(q) {
		return true
	}
	if s.pool == nil {
		if served, reading := s.b.dispatcher.inline(s); served {
			return reading
		}
	}
	s.ready()
	return true
}

// arrived counts a message; false: nobody wants it, and it is freed.
func (s *session) arrived(q *inbox.Event) bool {
	s.b.stats.MessagesIn.Add(1)
	s.b.stats.BytesIn.Add(uint64(len(q.Payload)))
	s.lastMsg.Store(s.recvAt.Load() / int64(time.Microsecond))
	t := callback.Message
	if s.phase() == phaseTCP {
		t = callback.Receive
	}
	if !s.wants(t) {
		q.Free()
		return false
	}
	q.Type = t
	return true
}

// deliverClose gives the client's close frame on as a message. It waits for nothing, not for room either: the client's goodbye
// is answered at once, and there is one of it.
func (s *session) deliverClose(left *inlet.Closed) {
	if !s.speech(s.route).CloseFrames || s.ending.Load() {
		return
	}
	q := inbox.New()
	q.Opcode, q.Flags, q.Code = inlet.OpClose, controlFlags, left.Code
	q.Payload = append(q.Payload, left.Reason...)
	if s.arrived(q) && s.enqueue(q) {
		s.ready()
	}
}

// waitForRoom blocks the reader while the inbox is full: the socket is not read, and TCP holds the client back.
func (s *session) waitForRoom(n int) {
	for {
		s.mu.Lock()
		if s.ending.Load() || !s.paused && !s.in.Full(n, s.b.opts.InboxMessages, s.b.opts.InboxBytes) {
			s.mu.Unlock()
			return
		}
		room := s.in.Room()
		s.mu.Unlock()
		s.b.stats.InboxFull.Add(1)
		s.stuck.Store(true)
		<-room
		s.recvAt.Store(time.Now().UnixNano())
		s.stuck.Store(false)
	}
}

// partingTime is what PHP gets for what a client said before it left, or broke the protocol.
const partingTime = time.Second

// readFailed ends the connection for the reason that the reading ended, unless it is ending already.
func (s *session) readFailed(err error) {
	left, ok := errors.AsType[*inlet.Closed](err)
	if ok {
		s.part(ending{cause: callback.CauseClient, code: left.Code, reason: left.Reason})
		s.deliverClose(left)
		s.end(*s.parting)
		return
	}
	wrong, ok := errors.AsType[*inlet.Error](err)
	if !ok {
		s.end(ending{cause: callback.CauseGone, code: closeAbnormal})
		return
	}
	cause := callback.CauseProtocol
	switch wrong {
	case inlet.ErrUTF8, inlet.ErrCloseReason:
		cause = callback.CauseUTF8
	case inlet.ErrTooBig:
		cause = callback.CauseTooBig
	}
	s.part(ending{cause: cause, code: wrong.Code, reason: wrong.Reason})
	s.end(*s.parting)
}

// part lets PHP answer what the client said before, so that the answers stand before the close frame (RFC 6455 section 5.5.1 allows it;
// Swoole does one after the other). A PHP that takes longer than partingTime stops no close.
func (s *session) part(e ending) {
	s.mu.Lock()
	s.parting = &e
	busy := s.scheduled && s.closing == nil && !s.b.opts.DiscardClosed
	s.mu.Unlock()
	if busy {
		ctx, cancel := context.WithTimeout(context.Background(), min(partingTime, s.b.opts.CloseTimeout))
		defer cancel()
		_ = s.waitIdle(ctx.Done())
	}
}

// control sends a control frame. One that does not fit is left out: a client that does not read will not miss a pong.
func (s *session) control(frame []byte) {
	s.out.Send(frame, nil, false)
}
