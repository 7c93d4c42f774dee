package callback

import (
	"encoding/base64"
	"unicode/utf8"

	"github.com/fpmbridge/fpmbridge/callback/scan"
)

// answerDecoder reads a plain answer; docs/protocol.md section 3.
type answerDecoder struct {
	reply *Reply
	event *Event

	scan.Scanner

	events []string // what a describe answer wants; nil if it does not say
}

// decode appends the answer's instructions to the reply, or none.
func (d *answerDecoder) decode(body []byte) error {
	d.B = body
	err := d.answer()
	if err == nil && d.At() < len(body) {
		err = scan.Wrong(d.Pos, "something stands after the answer")
	}
	if i := invalidUTF8(body); i >= 0 {
		err = scan.Wrong(i, "not valid UTF-8")
	}
	if err != nil {
		d.reply.instrs, d.reply.fds = d.reply.instrs[:0], d.reply.fds[:0]
	}
	return err
}

// The keys of an answer, as bits.
const (
	keyInstructions = 1 << iota
	keyDescribe
)

func (d *answerDecoder) answer() error {
	return d.object("an object", func(key []byte) uint16 {
		switch {
		case string(key) == "instructions":
			return keyInstructions
		case string(key) == "describe" && d.event.Type == Describe:
			return keyDescribe
		}
		return 0
	}, func(key uint16, _ int) error {
		if key == keyDescribe {
			return d.describe()
		}
		return d.list(d.instruction)
	})
}

// describe reads {"events":[…]}.
func (d *answerDecoder) describe() error {
	return d.object("an object", func(key []byte) uint16 {
		if string(key) == "events" {
			return 1
		}
		return 0
	}, func(uint16, int) error {
		d.events = []string{}
		return d.list(func() error {
			at := d.At()
			name, err := d.Str("an event's name")
			if err != nil {
				return err
			}
			for _, known := range allEvents() {
				if string(name) == known {
					d.events = append(d.events, known)
					return nil
				}
			}
			return scan.Wrong(at, "unknown event %.40q", name)
		})
	})
}

// object reads an object. bit names its keys as bits, 0 for one that it does not have; value reads the value of a key
// that stands at keyAt.
func (d *answerDecoder) object(what string, bit func(key []byte) uint16, value func(key uint16, keyAt int) error) error {
	if err := d.Expect('{', what); err != nil {
		return err
	}
	seen := uint16(0)
	for first := true; ; first = false {
		more, err := d.More(first, '}')
		if !more {
			return err
		}
		at := d.At()
		key, err := d.Str("a key")
		if err != nil {
			return err
		}
		switch b := bit(key); {
		case b == 0:
			return scan.Wrong(at, "unknown key %.40q", key)
		case seen&b != 0:
			return scan.Wrong(at, "key %q for the second time", key)
		default:
			seen |= b
			if err := d.Expect(':', "a colon"); err != nil {
				return err
			}
			if err := value(b, at); err != nil {
				return err
			}
		}
	}
}

// list reads a list and calls item for each of its values.
func (d *answerDecoder) list(item func() error) error {
	if err := d.Expect('[', "a list"); err != nil {
		return err
	}
	for first := true; ; first = false {
		more, err := d.More(first, ']')
		if !more {
			return err
		}
		if err := item(); err != nil {
			return err
		}
	}
}

// decodeBase64 is strict about padding, so that a cut string is noticed.
func decodeBase64(s []byte) ([]byte, error) {
	return base64.StdEncoding.Strict().AppendDecode(nil, s)
}

// invalidUTF8 returns where b stops to be UTF-8, or -1.
func invalidUTF8(b []byte) int {
	if utf8.Valid(b) {
		return -1
	}
	for i := 0; i < len(b); {
		r, size := utf8.DecodeRune(b[i:])
		if r == utf8.RuneError && size == 1 {
			return i
		}
		i += size
	}
	return -1
}
