package callback

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strconv"
	"unicode/utf8"
)

// answerDecoder reads a plain answer. The answer is written by hand in the scripts of people who read no log at first, so
// everything that is not exactly right is refused, with the place where it is: a reader that guesses would hide it.
// json.Decoder's tokens do that; Unmarshal would accept keys twice, ignore case and know no place for a wrong opcode.
type answerDecoder struct {
	reply *Reply
	event *Event

	body   []byte
	tokens *json.Decoder
	events []string // what a describe answer wants
	listed bool     // events was there
}

// answerError is what is wrong with a plain answer, and where.
type answerError struct {
	offset int64
	what   string
}

func (e *answerError) Error() string {
	return "byte " + strconv.FormatInt(e.offset, 10) + ": " + e.what
}

// decode appends the answer's instructions to the reply, or none.
func (d *answerDecoder) decode(body []byte) error {
	d.body = body
	if i := invalidUTF8(body); i >= 0 {
		return &answerError{int64(i), "not valid UTF-8"}
	}
	d.tokens = json.NewDecoder(bytes.NewReader(body))
	d.tokens.UseNumber()
	err := d.answer()
	if err == nil {
		at := d.next()
		if _, err = d.tokens.Token(); errors.Is(err, io.EOF) {
			return nil
		}
		err = &answerError{at, "something stands after the answer"}
	}
	d.reply.instrs, d.reply.fds = d.reply.instrs[:0], d.reply.fds[:0]
	return err
}

func (d *answerDecoder) answer() error {
	if err := d.delim('{', "an object"); err != nil {
		return err
	}
	var seen [2]bool
	for d.tokens.More() {
		at := d.next()
		key, err := d.str("a key")
		if err != nil {
			return err
		}
		which := -1
		switch {
		case key == "instructions":
			which = 0
		case key == "describe" && d.event.Type == Describe:
			which = 1
		default:
			return &answerError{at, fmt.Sprintf("unknown key %.40q", key)}
		}
		if seen[which] {
			return &answerError{at, fmt.Sprintf("key %q for the second time", key)}
		}
		seen[which] = true
		if which == 0 {
			err = d.list(func() error { return d.instruction() })
		} else {
			err = d.describe()
		}
		if err != nil {
			return err
		}
	}
	return d.delim('}', "the end of the object")
}

// describe reads {"events":[…]}.
func (d *answerDecoder) describe() error {
	if err := d.delim('{', "an object"); err != nil {
		return err
	}
	for d.tokens.More() {
		at := d.next()
		key, err := d.str("a key")
		if err != nil {
			return err
		}
		if key != "events" || d.listed {
			return &answerError{at, fmt.Sprintf("unknown or repeated key %.40q", key)}
		}
		d.listed, d.events = true, []string{}
		err = d.list(func() error {
			at := d.next()
			name, err := d.str("an event's name")
			if err == nil && name != Open.String() && name != Message.String() && name != Close.String() {
				err = &answerError{at, fmt.Sprintf("unknown event %.40q", name)}
			}
			d.events = append(d.events, name)
			return err
		})
		if err != nil {
			return err
		}
	}
	return d.delim('}', "the end of the object")
}

// list reads an array and calls item for each of its values.
func (d *answerDecoder) list(item func() error) error {
	if err := d.delim('[', "a list"); err != nil {
		return err
	}
	for d.tokens.More() {
		if err := item(); err != nil {
			return err
		}
	}
	return d.delim(']', "the end of the list")
}

// next is where the next token starts.
func (d *answerDecoder) next() int64 {
	at := d.tokens.InputOffset()
	for at < int64(len(d.body)) && bytes.IndexByte([]byte(" \t\r\n,:"), d.body[at]) >= 0 {
		at++
	}
	return at
}

// token reads one token. what says what is wanted, in errors.
func (d *answerDecoder) token(what string) (json.Token, int64, error) {
	at := d.next()
	tok, err := d.tokens.Token()
	var syntax *json.SyntaxError
	switch {
	case err == nil:
		return tok, at, nil
	case errors.As(err, &syntax):
		return nil, at, &answerError{syntax.Offset, "not JSON: " + syntax.Error()}
	case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF):
		return nil, at, &answerError{int64(len(d.body)), "ends where " + what + " is wanted"}
	}
	return nil, at, &answerError{at, err.Error()}
}

func (d *answerDecoder) delim(want json.Delim, what string) error {
	tok, at, err := d.token(what)
	if err == nil && tok != want {
		err = &answerError{at, "want " + what}
	}
	return err
}

func (d *answerDecoder) str(what string) (string, error) {
	tok, at, err := d.token(what)
	if err != nil {
		return "", err
	}
	s, ok := tok.(string)
	if !ok {
		return "", &answerError{at, "want " + what}
	}
	return s, nil
}

// integer takes a token as an integer of at most limit.
func integer(tok json.Token, at int64, what string, limit uint64) (uint64, error) {
	number, ok := tok.(json.Number)
	n, err := strconv.ParseUint(string(number), 10, 63)
	if !ok || err != nil || n > limit {
		return 0, &answerError{at, "want " + what}
	}
	return n, nil
}

// decodeBase64 is strict about padding, so that a cut string is noticed.
func decodeBase64(s string) ([]byte, error) {
	return base64.StdEncoding.Strict().DecodeString(s)
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
