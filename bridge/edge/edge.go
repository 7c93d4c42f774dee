// Package edge answers at the edge what need not reach PHP: heartbeats, messages that are always the same.
//
// [Beats] finds the answer to a message. It stands on the standard library alone and writes to nobody.
package edge

import (
	"errors"
	"fmt"
	"unicode/utf8"
)

// Opcodes of RFC 6455 section 5.2.
const (
	opText   = 1
	opBinary = 2
)

// Limits of a route's heartbeats.
const (
	MaxBeats = 64   // of a route
	MaxBytes = 1024 // of a message, and of a reply
)

// Beat is a message that the bridge answers by itself, with its own opcode, or swallows.
type Beat struct {
	Message []byte
	Binary  bool
	Reply   []byte // with Swallow: none
	Swallow bool
}

// Beats are the heartbeats of a route. The zero value, and nil, has none.
type Beats struct {
	// byLen has those of each length: most messages have none.
	byLen [][]beat
}

type beat struct {
	opcode  uint8
	swallow bool
	message string
	reply   []byte
}

// New checks heartbeats and makes them fast to find; nil if there are none.
func New(list []Beat) (*Beats, error) {
	if len(list) == 0 {
		return nil, nil //nolint:nilnil // no heartbeats is what was asked for
	}
	var problems []error
	if len(list) > MaxBeats {
		problems = append(problems, fmt.Errorf("edge: %d heartbeats, at most %d are allowed", len(list), MaxBeats))
	}
	b := &Beats{}
	for i, h := range list {
		opcode := uint8(opText)
		if h.Binary {
			opcode = opBinary
		}
		switch _, _, twice := b.Find(opcode, h.Message); {
		case len(h.Message) > MaxBytes || len(h.Reply) > MaxBytes:
			problems = append(problems, fmt.Errorf("edge: heartbeat %d: a message and a reply have at most %d bytes", i, MaxBytes))
			continue
		case !h.Binary && (!utf8.Valid(h.Message) || !utf8.Valid(h.Reply)):
			problems = append(problems, fmt.Errorf("edge: heartbeat %d: a text is valid UTF-8", i))
		case twice:
			problems = append(problems, fmt.Errorf("edge: heartbeat %d: another one has its message", i))
		}
		n := len(h.Message)
		for len(b.byLen) <= n {
			b.byLen = append(b.byLen, nil)
		}
		b.byLen[n] = append(b.byLen[n], beat{opcode, h.Swallow, string(h.Message), append([]byte(nil), h.Reply...)})
	}
	return b, errors.Join(problems...)
}

// Find returns the reply to a message that is a heartbeat, which nobody may change, and whether there is one to send.
func (b *Beats) Find(opcode uint8, message []byte) (reply []byte, answer, found bool) {
	if b == nil || len(message) >= len(b.byLen) {
		return nil, false, false
	}
	list := b.byLen[len(message)]
	for i := range list {
		if list[i].opcode == opcode && list[i].message == string(message) {
			return list[i].reply, !list[i].swallow, true
		}
	}
	return nil, false, false
}
