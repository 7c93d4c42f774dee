// Package scan reads the JSON of a plain script's answer, and says where it is wrong.
package scan

import (
	"bytes"
	"encoding/json"
	"fmt"
	"math"
	"strconv"
)

// Scanner reads the JSON of a plain answer. The answer is written by hand in the scripts of people who look at no log at
// first, so everything that is not exactly right is refused, with the place where it is: a reader that guesses would hide
// it. json.Unmarshal accepts keys twice and in any case, and knows no place for a wrong opcode. json.Decoder's tokens
// could do it, but were measured (BenchmarkPlainAnswer) at 10 µs and 68 allocations for one push and 8 ms for a list of
// 10,000 fds, a third of what the whole event may cost; this takes 0.7 µs, none, and 0.7 ms. It copies only strings with
// escapes, and what JSON allows and an answer never has (floats, true, null, deep nesting) it does not read at all.
type Scanner struct {
	B   []byte
	Pos int // what comes next
}

// Error is what is wrong with a plain answer, and where.
type Error struct {
	Offset int
	What   string
}

func (e *Error) Error() string { return "byte " + strconv.Itoa(e.Offset) + ": " + e.What }

// Wrong is an error at a place.
func Wrong(offset int, format string, args ...any) error {
	return &Error{offset, fmt.Sprintf(format, args...)}
}

// Peek skips white space and returns the next byte, or 0 at the end.
func (s *Scanner) Peek() byte {
	for s.Pos < len(s.B) {
		switch c := s.B[s.Pos]; c {
		case ' ', '\t', '\r', '\n':
			s.Pos++
		default:
			return c
		}
	}
	return 0
}

// At is where the next value starts.
func (s *Scanner) At() int {
	s.Peek()
	return s.Pos
}

// Expect reads one of {}[]:, and the like; what says what is wanted, in errors.
func (s *Scanner) Expect(c byte, what string) error {
	if s.Peek() != c {
		return s.Want(what)
	}
	s.Pos++
	return nil
}

// Want is the error for something else than was wanted.
func (s *Scanner) Want(what string) error {
	if s.Peek() == 0 && s.Pos >= len(s.B) {
		return Wrong(s.Pos, "the answer ends where %s is wanted", what)
	}
	return Wrong(s.Pos, "want %s", what)
}

// More reports whether a list or object that is closed by end has a (next) item, and reads what stands before it.
func (s *Scanner) More(first bool, end byte) (bool, error) {
	switch c := s.Peek(); {
	case c == end:
		s.Pos++
		return false, nil
	case first:
		return true, nil
	case c == ',':
		s.Pos++
		if s.Peek() == end {
			return false, Wrong(s.Pos, "nothing stands after the comma")
		}
		return true, nil
	}
	return false, s.Want(fmt.Sprintf("a comma or %c", end))
}

// Str reads a string. It points into the answer if nothing in it is escaped.
func (s *Scanner) Str(what string) ([]byte, error) {
	if s.Peek() != '"' {
		return nil, s.Want(what)
	}
	start := s.Pos
	escaped := false
	for i := start + 1; ; {
		n := bytes.IndexByte(s.B[i:], '"')
		if n < 0 {
			return nil, Wrong(start, "a string that does not end")
		}
		i += n
		// A quote after an odd number of backslashes belongs to the string.
		slashes := 0
		for s.B[i-1-slashes] == '\\' {
			slashes++
		}
		i++
		if slashes%2 == 0 {
			s.Pos = i
			break
		}
	}
	raw := s.B[start:s.Pos]
	for _, c := range raw {
		if c < ' ' {
			return nil, Wrong(start, "a string with an unescaped control character")
		}
		escaped = escaped || c == '\\'
	}
	if !escaped {
		return raw[1 : len(raw)-1], nil
	}
	var text string
	if err := json.Unmarshal(raw, &text); err != nil {
		return nil, Wrong(start, "a string that is not JSON: %v", err)
	}
	return []byte(text), nil
}

// Integer reads an integer that is not negative.
func (s *Scanner) Integer(what string) (uint64, error) {
	s.Peek()
	start := s.Pos
	n := uint64(0)
	for ; s.Pos < len(s.B); s.Pos++ {
		d := s.B[s.Pos] - '0'
		if d > 9 {
			break
		}
		if n > (math.MaxInt64-9)/10 {
			return 0, Wrong(start, "a number that is too large")
		}
		n = n*10 + uint64(d)
	}
	switch length := s.Pos - start; {
	case length == 0, length > 1 && s.B[start] == '0':
		s.Pos = start
		return 0, s.Want(what)
	case s.Pos < len(s.B) && bytes.IndexByte([]byte(".eE"), s.B[s.Pos]) >= 0:
		s.Pos = start
		return 0, s.Want(what)
	}
	return n, nil
}

// Raw reads a value of any kind, as it stands there.
func (s *Scanner) Raw() ([]byte, error) {
	start := s.At()
	d := json.NewDecoder(bytes.NewReader(s.B[start:]))
	var value json.RawMessage
	if err := d.Decode(&value); err != nil {
		return nil, Wrong(start, "not JSON: %v", err)
	}
	s.Pos += int(d.InputOffset())
	return value, nil
}

// Literal reads a word such as true.
func (s *Scanner) Literal(word string) error {
	if s.Peek(); !bytes.HasPrefix(s.B[s.Pos:], []byte(word)) {
		return s.Want(word)
	}
	s.Pos += len(word)
	return nil
}
