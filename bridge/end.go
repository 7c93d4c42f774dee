package bridge

import (
	"net"
	"time"

	"github.com/gorilla/websocket"

	"github.com/fpmbridge/fpmbridge/bridge/inbox"
	"github.com/fpmbridge/fpmbridge/bridge/outbox"
	"github.com/fpmbridge/fpmbridge/bridge/socket"
	"github.com/fpmbridge/fpmbridge/callback"
)

// Close codes of RFC 6455 section 7.4.1 that the bridge itself uses.
const (
	closeNormal      = websocket.CloseNormalClosure
	closeGoingAway   = websocket.CloseGoingAway
	closeProtocol    = websocket.CloseProtocolError
	closeNoStatus    = websocket.CloseNoStatusReceived
	closeAbnormal    = websocket.CloseAbnormalClosure
	closeInvalidData = websocket.CloseInvalidFramePayloadData
	closeTooBig      = websocket.CloseMessageTooBig
	closeInternal    = websocket.CloseInternalServerErr
	closeTryAgain    = websocket.CloseTryAgainLater
)

// ending is how a connection ended.
type ending struct {
	cause  callback.Cause
	code   uint16
	reason string
	flags  uint8 // callback.CloseBare and so on, for CauseServer
}

// end ends the connection, once, for whatever cause: it decides what the client sees and gives PHP the close event.
// It reports whether this call was the one. Callers hold no lock.
func (s *session) end(e ending) bool {
	s.mu.Lock()
	if s.closing != nil {
		s.mu.Unlock()
		return false
	}
	if s.parting != nil && e.cause == callback.CauseGone {
		e = *s.parting // it does not wait for the answers: it has said goodbye
	}
	s.closing = &e
	s.ending.Store(true)
	dropped := 0
	if e.cause.ServerSide() || s.b.opts.DiscardClosed {
		// PHP, or the bridge for it, is done with this client: what it still said is not delivered after that.
		dropped = s.dropLocked()
	} else {
		s.in.Wake()
	}
	schedule := false
	if (s.opened == openWaiting || s.opened == openHanded) && s.wants(callback.Close) {
		q := inbox.New()
		q.Type = callback.Close
		q.Code = e.code
		q.Cause = e.cause
		q.Opcode = uint8(s.lastStatus(e))
		q.Attributes = s.member.Attributes() // a resident worker cannot ask for them any more
		q.Payload = append(q.Payload, e.reason...)
		schedule = s.enqueueLocked(q)
	}
	idle := !s.scheduled
	s.mu.Unlock()
	s.b.hub.Drop(&s.member)

	s.b.stats.MessagesDropped.Add(uint64(dropped))
	s.b.stats.Closed[e.cause].Add(1)
	s.b.logEnd(s, e, dropped)
	if schedule {
		s.ready()
	}
	if e.cause == callback.CauseShutdown && !idle {
		return true // settle hangs up when PHP has handled the close event
	}
	s.hangUp(e)
	if idle {
		s.release()
	}
	return true
}

// hangUp does what the client sees of an end.
func (s *session) hangUp(e ending) {
	switch s.phase() {
	case phaseHTTP:
		s.hangUpHTTP(e)
		return
	case phaseTCP:
		s.hangUpTCP(e)
		return
	case phaseWebSocket:
	}
	var frame [outbox.MaxControlFrame]byte
	switch e.cause {
	case callback.CauseGone, callback.CauseNone:
		s.out.Abort()
		_ = s.sock.Close()
	case callback.CauseSlow, callback.CauseDead:
		s.cut()
	case callback.CauseClient, callback.CauseProtocol, callback.CauseUTF8, callback.CauseTooBig:
		// The closing handshake's second half, with the client's code and reason as in Swoole; or the first and only one: what
		// follows from a broken peer is not read as frames.
		s.out.Finish(outbox.AppendClose(frame[:0], e.code, e.reason))
		s.linger()
	case callback.CauseIdle:
		s.out.Finish(nil) // without a close frame, as Swoole's heartbeat
		s.linger()
	case callback.CauseServer:
		s.hangUpServer(e, frame[:0])
	case callback.CausePHPFailed, callback.CausePHPBusy, callback.CausePHPDown, callback.CauseShutdown, callback.CauseExpired:
		s.out.Last(outbox.AppendClose(frame[:0], e.code, e.reason))
		s.linger()
	}
}

func (s *session) hangUpServer(e ending, frame []byte) {
	switch {
	case e.flags&callback.CloseReset != 0:
		s.cut()
		return
	case e.flags&callback.CloseBare != 0 && s.b.opts.CleanClose && s.phase() == phaseWebSocket:
		s.out.Finish(outbox.AppendClose(frame, closeNormal, ""))
	case e.flags&callback.CloseBare != 0:
		s.out.Finish(nil)
	case e.flags&callback.CloseNoWait != 0:
		s.out.Finish(outbox.AppendClose(frame, e.code, e.reason))
	default:
		s.out.Last(outbox.AppendClose(frame, e.code, e.reason))
	}
	s.linger()
}

// linger gives the client close_timeout to answer and to close; the reader goroutine then closes the socket. Closing at
// once would turn into a reset that can overtake the close frame, as soon as the client sends anything more.
func (s *session) linger() {
	wait := s.b.opts.CloseTimeout
	if s.b.late.Load() {
		wait = min(wait, leaveTime) // or it would take back what leave says
	}
	_ = s.sock.SetReadDeadline(time.Now().Add(wait))
}

// cut drops the connection with a reset: what is queued in the kernel goes too.
func (s *session) cut() {
	s.out.Abort()
	if tcp, ok := socket.Raw(s.sock).(*net.TCPConn); ok {
		_ = tcp.SetLinger(0)
	}
	_ = s.sock.Close()
}

// leaveTime is for a client's answer to the close frame that leave sends.
const leaveTime = time.Second

// leave gives the connection up, PHP or not: with a close frame to a client that takes one, which then knows that it is not
// its fault.
func (s *session) leave() {
	s.end(ending{cause: callback.CauseShutdown, code: closeGoingAway})
	if s.phase() == phaseHTTP { // it has no outbox yet
		s.mu.Lock()
		sock := s.sock
		s.mu.Unlock()
		_ = sock.Close()
		return
	}
	if s.out.Bytes() > 0 {
		s.cut()
		return
	}
	var frame [outbox.MaxControlFrame]byte
	if s.phase() == phaseTCP {
		s.out.Finish(nil)
	} else {
		s.out.Finish(outbox.AppendClose(frame[:0], closeGoingAway, ""))
	}
	_ = s.sock.SetReadDeadline(time.Now().Add(leaveTime))
}

// writeFailed is the outbox's report that nothing more can be written.
func (s *session) writeFailed(stalled bool) {
	if stalled {
		s.end(ending{cause: callback.CauseSlow, code: closeAbnormal, reason: "the client does not read"})
		s.cut()
		return
	}
	s.end(ending{cause: callback.CauseGone, code: closeAbnormal})
	_ = s.sock.Close()
}

// settle is called after the inbox ran empty. Of a session that is ending it acts once: nothing comes into its inbox any more.
func (s *session) settle() {
	if !s.ending.Load() {
		return
	}
	s.mu.Lock()
	e, again := s.closing, s.scheduled
	s.mu.Unlock()
	if again {
		return // its end brought a close event meanwhile: settle comes again after that
	}
	if e.cause == callback.CauseShutdown {
		s.hangUp(*e)
	}
	s.release()
}

// release forgets the session when the client is gone and PHP has nothing more to hear of it.
func (s *session) release() {
	s.mu.Lock()
	free := s.listed && s.readerEnd && !s.scheduled && s.ending.Load()
	if free {
		s.listed = false
	}
	s.mu.Unlock()
	if free {
		s.b.registry.Remove(s.fd)
		s.b.gone(s)
	}
}
